import Link from 'next/link'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { config } from '@/lib/config'
import { hasTeams } from '@/lib/cutover/member-migration'
import { legacyName } from '@/lib/legacy/config'
import { buttonClass, linkClass } from '../_ui/button'
import { Card } from '../_ui/card'
import { Code } from '../_ui/code'
import { IncompleteSignOut } from '../_ui/incomplete-sign-out'
import { CrossoverDiagram, type Option, OptionSketch } from '../_ui/lanes'
import { PageShell } from '../_ui/page-shell'
import { GuidedTour } from './_tour/tour'
import { isTourName, type TourName } from './_tour/tours'

const promises = () => [
  {
    title: 'Nobody is logged out',
    text: `Cutover migrates live sessions in the background, unless the operator chose otherwise. If a migration fails, the user stays signed in at ${legacyName()}.`,
  },
  {
    title: 'Every token is verified',
    text: 'Cutover verifies each token against the provider that issued it. It migrates only users whose email address is verified.',
  },
  {
    title: 'There is always a way back',
    text: `The operator can roll back at any time. Users on the Stytch lane stay signed in at Stytch, all others at ${legacyName()}.`,
  },
]

type OptionText = {
  option: Option & TourName
  name: string
  text: string
  cohort: string
  legacySessions: string
}

const options: OptionText[] = [
  {
    option: 'zero-downtime',
    name: 'Zero-downtime sessions',
    text: 'Users notice nothing. Cutover serves the next page view on the legacy session and migrates that session to Stytch in the background. New sign-ins happen at Stytch.',
    cohort: 'everybody',
    legacySessions: 'migrated',
  },
  {
    option: 'all-at-once',
    name: 'All-at-once',
    text: 'From the switch on, everyone signs in at Stytch. Cutover no longer accepts legacy sessions, and the login says that sign-in has changed. This is the simplest option, and each user signs in once more.',
    cohort: 'everybody',
    legacySessions: 'not accepted',
  },
  {
    option: 'rolling',
    name: 'Rolling',
    text: 'Some users move first: a team, a country or a percentage. Everyone else keeps the legacy login. Raise the percentage when you are ready. Raising it never moves anyone back.',
    cohort: 'rules and a percentage',
    legacySessions: 'your choice',
  },
]

type Props = { searchParams: Promise<{ tour?: string | string[] }> }

export default async function HomePage({ searchParams }: Props) {
  const { tour } = await searchParams
  // Only the running app knows whether it is the sandbox, so the build must not prerender this page.
  await connection()
  const { sandbox, stytch } = config()
  return (
    <PageShell current="home">
      <div className="grid gap-16 sm:gap-20">
        <IncompleteSignOut />
        <div>
          <h1 className="text-3xl tracking-[-0.03em]">
            <span className="block">Move from {legacyName()} to Stytch.</span> Nobody is logged out.
          </h1>
          <p className="mt-5 max-w-[58ch] text-lg text-quiet">
            Cutover is a Next.js app that moves a live product from {legacyName()} to Stytch. It
            shows the three deployment options of Stytch’s migration guide with the real SDKs.
          </p>
          <div className="mt-7 flex flex-wrap gap-3">
            <a href="#tour" className={buttonClass('primary')}>
              Take the tour
            </a>
            <Link href="/dashboard" prefetch={false} className={buttonClass('secondary')}>
              Open the dashboard
            </Link>
            {hasTeams() && (
              <a href="/team" className={buttonClass('quiet')}>
                Open a team
              </a>
            )}
          </div>
          <div className="mt-12 sm:mt-14">
            <CrossoverDiagram legacyName={legacyName()} />
          </div>
        </div>

        <section aria-labelledby="promise">
          <h2 id="promise" className="sr-only">
            Promises
          </h2>
          <ul className="grid gap-x-10 gap-y-8 sm:grid-cols-3">
            {promises().map(({ title, text }) => (
              <li key={title}>
                <h3 className="text-base">{title}</h3>
                <p className="mt-1.5 text-quiet text-sm">{text}</p>
              </li>
            ))}
          </ul>
        </section>

        <section aria-labelledby="options">
          <h2 id="options" className="text-2xl">
            Three options, one policy, two dials
          </h2>
          <p className="mt-3 max-w-[62ch] text-quiet">
            All options of the guide are settings of one policy with two dials. The first dial sets
            the cohort: the visitors who get the Stytch flow. The second sets whether Cutover
            migrates live legacy sessions.
          </p>
          <ul className="mt-8 grid gap-4 lg:grid-cols-3">
            {options.map((option) => (
              <OptionCard key={option.option} {...option} />
            ))}
          </ul>
          <div className="mt-4 grid items-center gap-x-8 gap-y-4 rounded-xl border border-line p-5 sm:grid-cols-[10rem_1fr] sm:p-6">
            <OptionSketch option="before-the-migration" />
            <div>
              <h3 className="text-base">Before the migration, and rollback</h3>
              <p className="mt-1.5 max-w-[70ch] text-quiet text-sm">
                The cohort is nobody: everyone signs in at {legacyName()}. A rollback returns to
                this policy. It never ends a valid Stytch session.
              </p>
              <p className="mt-2 flex flex-wrap gap-x-5 text-sm">
                <TourLink tour="before">Start here</TourLink>
                <TourLink tour="rollback">Try the rollback</TourLink>
              </p>
            </div>
          </div>
        </section>

        <section id="tour" aria-labelledby="see" className="scroll-mt-6">
          <h2 id="see" className="text-2xl">
            Guided tours
          </h2>
          <p className="mt-3 mb-6 max-w-[62ch] text-quiet">
            {sandbox
              ? 'Each tour takes you through one option in a few steps. The panel beside the steps shows your current state. The tour marks the steps that you have done.'
              : 'Each tour takes you through one option in a few steps, with your own keys.'}
          </p>
          <GuidedTour name={isTourName(tour) ? tour : 'before'} showState={sandbox} />
          {sandbox && <DemoUsers inbox={`${stytch.apiUrl}/`} />}
        </section>
      </div>
    </PageShell>
  )
}

function OptionCard({ option, name, text, cohort, legacySessions }: OptionText) {
  return (
    <li className="flex flex-col rounded-xl border border-line bg-surface p-5 sm:p-6">
      <OptionSketch option={option} />
      <h3 className="mt-5 text-lg">{name}</h3>
      <p className="mt-2 mb-5 text-quiet text-sm">{text}</p>
      <dl className="mt-auto grid gap-1 border-line border-t pt-4 text-sm">
        <Dial name="Cohort">{cohort}</Dial>
        <Dial name="Legacy sessions">{legacySessions}</Dial>
      </dl>
      <p className="mt-4 text-sm">
        <TourLink tour={option}>Try {name.toLowerCase()}</TourLink>
      </p>
    </li>
  )
}

function Dial({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-quiet">{name}</dt>
      <dd className="text-right font-medium">{children}</dd>
    </div>
  )
}

const TourLink = ({ tour, children }: { tour: TourName; children: ReactNode }) => (
  <a href={`/?tour=${tour}#tour`} className={linkClass}>
    {children}
  </a>
)

/** A copy of the list in sandbox/settings.ts, because the app must not import the sandbox. */
const demoUsers = () => [
  ['ada@example.com', 'operator, imported into Stytch'],
  ['grace@example.com', `known only to ${legacyName()}: the migration creates the Stytch user`],
  ['alan@example.com', `email not verified: stays signed in at ${legacyName()}`],
]
const demoMembers = [
  ['barbara@acme.example', 'admin of Acme'],
  ['claude@acme.example', 'editor of Acme'],
  ['frances@acme.example', 'editor of Acme and of Globex'],
  ['dorothy@globex.example', 'admin of Globex, which lets in invited members only'],
  ['katherine@globex.example', 'member of Globex with a second factor'],
  ['edsger@acme.example', 'only at Stytch: admin of Acme, member of Initech'],
]

function DemoUsers({ inbox }: { inbox: string }) {
  return (
    <Card title="Demo users" className="mt-4">
      <p className="text-quiet text-sm">
        All use the password <Code>demo-password</Code>. Emails from Stytch arrive in the{' '}
        <a href={inbox} className={linkClass}>
          inbox
        </a>
        .
      </p>
      <div className="mt-5 grid gap-x-10 gap-y-6 lg:grid-cols-2">
        <UserList title="Consumers" users={demoUsers()} />
        <UserList title="Members of teams" users={demoMembers} />
      </div>
    </Card>
  )
}

const UserList = ({ title, users }: { title: string; users: string[][] }) => (
  <div className="min-w-0">
    <h3 className="text-base">{title}</h3>
    <dl className="mt-2 grid gap-2 text-sm">
      {users.map(([email, note]) => (
        <div key={email} className="grid gap-x-6 sm:grid-cols-[14.5rem_minmax(0,1fr)]">
          <dt className="font-mono [overflow-wrap:anywhere]">{email}</dt>
          <dd className="text-quiet">{note}</dd>
        </div>
      ))}
    </dl>
  </div>
)
