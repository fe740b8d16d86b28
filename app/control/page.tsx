import type { Metadata } from 'next'
import { forbidden } from 'next/navigation'
import type { ReactNode } from 'react'
import { Badge } from '@/app/_ui/badge'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { OptionSketch } from '@/app/_ui/lanes'
import { Moment } from '@/app/_ui/moment'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'
import { latestEvents } from '@/lib/cutover/events'
import { type PolicyInForce, presetOf } from '@/lib/cutover/policy'
import { policyAuthor, readPolicy } from '@/lib/cutover/policy-store'
import { errorText } from '@/lib/error-text'
import { requireViewer } from '@/lib/viewer'
import { ChangeForm } from './change-form'
import { EventsTable } from './events-table'

export const metadata: Metadata = { title: 'Control' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const choices = {
  'before-the-migration': {
    name: 'Before the migration',
    change: 'go back to before the migration',
    text: 'Everyone signs in at Auth0. This is also the rollback.',
    consequences: [
      'New sign-ins happen at Auth0 again.',
      'Everyone with a Stytch session stays signed in with it: nobody is logged out.',
      'Everyone with a legacy session stays on it. No more sessions are carried over.',
    ],
  },
  'zero-downtime': {
    name: 'Zero-downtime sessions',
    change: 'switch to zero-downtime sessions',
    text: 'Everyone is in the cohort, and live legacy sessions are carried over.',
    consequences: [
      'New sign-ins happen at Stytch.',
      'Everyone with a legacy session is served on it, and carried over to Stytch behind the next page they view. Nobody is asked anything.',
      'Where that does not work, for instance because an email address is not verified, the person stays on the legacy lane, signed in.',
    ],
  },
} as const

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

type Choice = keyof typeof choices
const isChoice = (value: unknown): value is Choice =>
  typeof value === 'string' && Object.hasOwn(choices, value)

export default async function ControlPage({ searchParams }: Props) {
  const { account, isOperator } = await requireViewer('/control')
  // Without the account nobody can tell who is an operator: no reason to turn one away for good.
  if (account && !isOperator) forbidden()
  const { switch: wanted } = await searchParams
  const shown = isOperator ? await readAll() : null
  return (
    <PageShell current="control">
      <h1 className="text-2xl">Control</h1>
      <p className="mt-1.5 max-w-[62ch] text-quiet">
        One policy decides who gets the Stytch flow, and what becomes of a live legacy session in
        it. A change is in force everywhere within five seconds.
      </p>
      <div className="mt-8 grid gap-4">
        {shown ? (
          <>
            <Policy policy={shown[0]} wanted={isChoice(wanted) ? wanted : null} />
            <Card title="Latest events">
              <EventsTable events={shown[1]} />
            </Card>
          </>
        ) : (
          <Notice tone="warn" title="The database does not answer">
            The policy in force stays in force, and everyone stays signed in; it cannot be shown or
            changed until the database is back. Load this page again in a minute.
          </Notice>
        )}
      </div>
    </PageShell>
  )
}

/** The policy and the events, or null while the database is away. */
async function readAll() {
  try {
    return await Promise.all([readPolicy(), latestEvents(25)])
  } catch (error) {
    console.error(`control: ${errorText(error)}`)
    return null
  }
}

async function Policy({ policy, wanted }: { policy: PolicyInForce; wanted: Choice | null }) {
  const preset = presetOf(policy)
  const author = await policyAuthor(policy.version).catch(() => null)
  return (
    <>
      {wanted && wanted === preset && (
        <Notice tone="success" role="status">
          {choices[wanted].name} is the policy in force, as version {policy.version}.
        </Notice>
      )}
      <Card title="Policy in force" aside={<Badge>Version {policy.version}</Badge>}>
        <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-2 lg:grid-cols-4">
          <Fact name="Policy">
            {preset === 'all-at-once' ? 'All-at-once' : preset ? choices[preset].name : 'Rolling'}
          </Fact>
          <Fact name="Dial 1: cohort">{cohortText(policy)}</Fact>
          <Fact name="Dial 2: carry legacy sessions">
            {policy.cohort === 'nobody' ? 'does not apply' : policy.carrySessions ? 'yes' : 'no'}
          </Fact>
          <Fact name="Since">
            {author ? (
              <>
                <Moment at={author.at} />
                <span className="block font-normal text-quiet [overflow-wrap:anywhere]">
                  by {author.author}
                </span>
              </>
            ) : (
              'the beginning'
            )}
          </Fact>
        </dl>
        {policy.note && <p className="mt-4 text-quiet text-sm">Note: {policy.note}</p>}
      </Card>
      {wanted && wanted !== preset ? (
        <Confirmation choice={wanted} version={policy.version} />
      ) : (
        <section aria-labelledby="switch">
          <h2 id="switch" className="sr-only">
            Switch the policy
          </h2>
          <ul className="grid gap-4 sm:grid-cols-2">
            {(Object.keys(choices) as Choice[]).map((choice) => (
              <ChoiceCard key={choice} choice={choice} isInForce={choice === preset} />
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function cohortText({ cohort }: PolicyInForce): string {
  return typeof cohort === 'string' ? cohort : `rules and ${cohort.percent} %`
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-quiet">{name}</dt>
      <dd className="mt-0.5 font-medium">{children}</dd>
    </div>
  )
}

function ChoiceCard({ choice, isInForce }: { choice: Choice; isInForce: boolean }) {
  const { name, text, change } = choices[choice]
  return (
    <li
      className={`flex flex-col rounded-xl border bg-surface p-5 sm:p-6 ${isInForce ? 'border-ink' : 'border-line'}`}
    >
      <OptionSketch option={choice} />
      <h3 className="mt-5 text-base">{name}</h3>
      <p className="mt-1 mb-5 text-quiet text-sm">{text}</p>
      <div className="mt-auto flex min-h-11 items-center">
        {isInForce ? (
          <Badge tone="success">In force</Badge>
        ) : (
          <a href={`/control?switch=${choice}`} className={buttonClass('secondary')}>
            {sentence(change)}…
          </a>
        )}
      </div>
    </li>
  )
}

/** The first step led here: what a change will do, before it is done. */
function Confirmation({ choice, version }: { choice: Choice; version: number }) {
  const { change, consequences } = choices[choice]
  return (
    <Card title={`${sentence(change)}?`} className="border-ink">
      <div className="grid gap-6 sm:grid-cols-[1fr_13rem]">
        <div>
          <ul className="mb-5 grid max-w-[62ch] list-disc gap-1.5 pl-5 text-sm marker:text-quiet">
            {consequences.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
          <ChangeForm preset={choice} change={change} expectedVersion={version} />
        </div>
        <div className="max-sm:hidden">
          <OptionSketch option={choice} />
        </div>
      </div>
    </Card>
  )
}
