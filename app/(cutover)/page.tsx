import Link from 'next/link'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { config } from '@/lib/config'
import { buttonClass, linkClass } from '../_ui/button'
import { Card } from '../_ui/card'
import { Code } from '../_ui/code'
import { CrossoverDiagram, type Option, OptionSketch } from '../_ui/lanes'
import { PageShell } from '../_ui/page-shell'
import { GuidedTour } from './_tour/tour'
import { isTourName, type TourName } from './_tour/tours'

const promises = [
  {
    title: 'Nobody is logged out',
    text: 'A live session is carried over in the background, unless the operator chose otherwise. If it cannot be carried over now, it stays as it is.',
  },
  {
    title: 'Nobody gets in who should not',
    text: 'Every token is verified against the provider it names. Only a verified email address crosses over.',
  },
  {
    title: 'There is always a way back',
    text: 'Turn the dials back at any time. Those who crossed over stay signed in at Stytch, everyone else at Auth0.',
  },
]

type OptionText = {
  option: Option & TourName
  name: string
  text: string
  cohort: string
  carry: string
}

const options: OptionText[] = [
  {
    option: 'zero-downtime',
    name: 'Zero-downtime sessions',
    text: 'People notice nothing. The next page they view is served at once on their legacy session, and that session becomes a Stytch session behind it. New sign-ins happen at Stytch.',
    cohort: 'everybody',
    carry: 'yes',
  },
  {
    option: 'all-at-once',
    name: 'All-at-once',
    text: 'From one moment to the next, everyone signs in at Stytch. Legacy sessions are no longer accepted, and the login says that sign-in has changed. The simplest option, at the price of one sign-in each.',
    cohort: 'everybody',
    carry: 'no',
  },
  {
    option: 'rolling',
    name: 'Rolling',
    text: 'Some people move first: an organization, a country, a percentage. Everyone else sees the login that they know. Raise the percentage when you are ready; it never moves anyone back.',
    cohort: 'rules and a percentage',
    carry: 'your choice',
  },
]

type Props = { searchParams: Promise<{ tour?: string | string[] }> }

export default async function HomePage({ searchParams }: Props) {
  const { tour } = await searchParams
  // Outside the sandbox there are no demo users to name, and only a request knows which it is.
  await connection()
  const { sandbox, stytch } = config()
  return (
    <PageShell current="home">
      <div className="grid gap-16 sm:gap-20">
        <div>
          <h1 className="text-3xl tracking-[-0.03em]">
            <span className="block">Move from Auth0 to Stytch.</span> Nobody is logged out.
          </h1>
          <p className="mt-5 max-w-[58ch] text-lg text-quiet">
            Cutover is a Next.js app that moves a live product from one login provider to the other,
            with the three deployment options of Stytch’s migration guide, on the real SDKs.
          </p>
          <div className="mt-7 flex flex-wrap gap-3">
            <a href="#tour" className={buttonClass('primary')}>
              Take the tour
            </a>
            <Link href="/dashboard" prefetch={false} className={buttonClass('secondary')}>
              Open the dashboard
            </Link>
          </div>
          <div className="mt-12 sm:mt-14">
            <CrossoverDiagram />
          </div>
        </div>

        <section aria-labelledby="promise">
          <h2 id="promise" className="sr-only">
            The promise
          </h2>
          <ul className="grid gap-x-10 gap-y-8 sm:grid-cols-3">
            {promises.map(({ title, text }) => (
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
            The options of the guide are not three code paths. They are one policy with two dials:
            who is in the cohort that gets the Stytch flow, and whether a live legacy session is
            carried over.
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
                The cohort is nobody: everyone signs in at Auth0, as always. Switching back to this
                is the rollback, and a valid Stytch session is never ended by it.
              </p>
              <p className="mt-2 flex flex-wrap gap-x-5 text-sm">
                <TourLink tour="before">Begin here</TourLink>
                <TourLink tour="rollback">Try the way back</TourLink>
              </p>
            </div>
          </div>
        </section>

        <section id="tour" aria-labelledby="see" className="scroll-mt-6">
          <h2 id="see" className="text-2xl">
            See it happen
          </h2>
          <p className="mt-3 mb-6 max-w-[62ch] text-quiet">
            {sandbox
              ? 'Each option as a few steps to try. Beside them stands what is so at this moment; it tells which of them are done.'
              : 'Each option as a few steps to try, with keys of your own.'}
          </p>
          <GuidedTour name={isTourName(tour) ? tour : 'before'} isLive={sandbox} />
          {sandbox && <DemoUsers inbox={`${stytch.apiUrl}/`} />}
        </section>
      </div>
    </PageShell>
  )
}

function OptionCard({ option, name, text, cohort, carry }: OptionText) {
  return (
    <li className="flex flex-col rounded-xl border border-line bg-surface p-5 sm:p-6">
      <OptionSketch option={option} />
      <h3 className="mt-5 text-lg">{name}</h3>
      <p className="mt-2 mb-5 text-quiet text-sm">{text}</p>
      <dl className="mt-auto grid gap-1 border-line border-t pt-4 text-sm">
        <Dial name="Cohort">{cohort}</Dial>
        <Dial name="Carry legacy sessions">{carry}</Dial>
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

/** Also in sandbox/settings.ts, which the app does not import. */
const demoUsers = [
  ['ada@example.com', 'operator, already imported into Stytch'],
  ['grace@example.com', 'only at Auth0: Stytch’s user is created on the way'],
  ['alan@example.com', 'email not verified: stays at Auth0, signed in'],
  ['barbara@acme.example', 'member of acme: put it among the organizations in Control'],
]

function DemoUsers({ inbox }: { inbox: string }) {
  return (
    <Card title="Demo users" className="mt-4">
      <p className="text-quiet text-sm">
        The password of each is <Code>demo-password</Code>. What Stytch would have mailed is in the{' '}
        <a href={inbox} className={linkClass}>
          inbox
        </a>
        .
      </p>
      <dl className="mt-4 grid gap-2 text-sm">
        {demoUsers.map(([email, note]) => (
          <div key={email} className="grid gap-x-6 sm:grid-cols-[11rem_1fr]">
            <dt className="font-mono">{email}</dt>
            <dd className="text-quiet">{note}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
