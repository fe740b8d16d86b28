import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Moment } from '@/app/_ui/moment'
import { Notice } from '@/app/_ui/notice'
import type { Search } from '@/app/_ui/search'
import { Tabs } from '@/app/_ui/tabs'
import { cutoverConfig } from '@/lib/cutover/config'
import type { CutoverEvent } from '@/lib/cutover/events/event'
import { latestEvents } from '@/lib/cutover/events/record'
import { mirrorIsOn } from '@/lib/cutover/mirror/enqueue'
import { type Figures, figures, type Range } from '@/lib/cutover/observability/figures'
import { policyName } from '@/lib/cutover/policy/describe'
import type { PolicyInForce } from '@/lib/cutover/policy/document'
import { type PolicyVersion, policyForOperators, policyHistory } from '@/lib/cutover/policy/store'
import { requestTime } from '@/lib/request/clock'
import { Charts } from './charts/charts'
import { ControlShell, DatabaseAway } from './control-shell'
import { EventsTable, eventKinds } from './events-table'
import { operatorIsLooking } from './operator'
import { InForce } from './policy-in-force'
import { unlessAway } from './unless-away'

export const metadata: Metadata = { title: 'Control' }

type Kind = CutoverEvent['kind']
type Props = { searchParams: Promise<Search> }

/** What is looked at: kept in the address, so that it can be shared and needs no script. */
type View = { range: Range; kind?: Kind }

const ranges: Record<Range, string> = { hour: 'Hour', day: 'Day', week: 'Week' }

const viewAddress = ({ range, kind }: View, place: string): string => {
  const query = new URLSearchParams({
    ...(range === 'hour' ? {} : { range }),
    ...(kind ? { kind } : {}),
  }).toString()
  return `/control${query && `?${query}`}#${place}`
}

export default async function OverviewPage({ searchParams }: Props) {
  const isOperator = await operatorIsLooking('/control')
  const search = await searchParams
  const view: View = {
    range: isKey(ranges, search.range) ? search.range : 'hour',
    kind: isKey(eventKinds, search.kind) ? search.kind : undefined,
  }
  const now = requestTime(await headers())
  const shown = isOperator ? await unlessAway(() => readAll(view, now)) : null
  return (
    <ControlShell
      current="overview"
      title="Control"
      // The longer the time that is drawn, the less there is to see in a moment, and the more to count.
      live={{ hour: 3, day: 15, week: 60 }[view.range]}
      lead="One policy decides who gets the Stytch login, and what becomes of a live legacy session there. A change is in force everywhere within five seconds."
    >
      {shown ? (
        <>
          {search.changed === String(shown.policy.version) && <Changed policy={shown.policy} />}
          <InForce policy={shown.policy}>
            <Doors policy={shown.policy} />
          </InForce>
          <Happened view={view} drawn={shown.drawn} changes={shown.changes} />
          <Feed view={view} events={shown.events} />
        </>
      ) : (
        <DatabaseAway />
      )}
    </ControlShell>
  )
}

const isKey = <T extends object>(of: T, value: unknown): value is keyof T =>
  typeof value === 'string' && Object.hasOwn(of, value)

async function readAll({ range, kind }: View, now: Date) {
  const [policy, events, drawn, changes] = await Promise.all([
    policyForOperators(),
    latestEvents(25, kind),
    figures(range, now),
    // Kept elsewhere, the policy has its history there too. And these are marks in the charts only: one old
    // version that cannot be read must not hide the button that rolls back.
    cutoverConfig().ownsPolicy ? policyHistory(50).catch(() => []) : [],
  ])
  return { policy, events, drawn, changes }
}

const Changed = ({ policy }: { policy: PolicyInForce }) => (
  <Notice tone="success" role="status">
    {policyName(policy)} is the policy in force, as version {policy.version}. Every server follows
    within five seconds.
  </Notice>
)

/** The way back first: it is what somebody looks for at night. */
function Doors({ policy }: { policy: PolicyInForce }) {
  if (!cutoverConfig().ownsPolicy) return null
  return (
    <>
      {policy.cohort !== 'nobody' && (
        <a href="/control/policy?start=before-the-migration" className={buttonClass('primary')}>
          Roll back…
        </a>
      )}
      <a href="/control/policy" className={buttonClass('secondary')}>
        Change the policy
      </a>
      <a href="/control/history" className={buttonClass('quiet')}>
        History
      </a>
    </>
  )
}

function Happened({
  view,
  drawn,
  changes,
}: {
  view: View
  drawn: Figures
  changes: PolicyVersion[]
}) {
  const inRange = changes.filter(({ at }) => at >= drawn.from)
  return (
    <section aria-labelledby="figures" className="mt-6 grid scroll-mt-4 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 id="figures" className="text-lg">
          What is happening
        </h2>
        <div className="w-full sm:w-64">
          <Tabs
            label="Time that the figures cover"
            tabs={(Object.keys(ranges) as Range[]).map((range) => ({
              label: ranges[range],
              href: viewAddress({ ...view, range }, 'figures'),
              isCurrent: range === view.range,
            }))}
          />
        </div>
      </div>
      {inRange.length > 0 && (
        <p className="text-quiet text-sm">
          Dotted lines are changes of the policy:{' '}
          {inRange.slice(0, 4).map(({ version, at, policy }, index) => (
            <span key={version}>
              {index > 0 && '; '}
              <a href={`/control/history#version-${version}`} className={linkClass}>
                version {version}
              </a>
              , {policyName(policy)}, <Moment at={at} />
            </span>
          ))}
          {inRange.length > 4 && `; and ${inRange.length - 4} more`}.
        </p>
      )}
      <Charts figures={drawn} markers={inRange} mirrorIsOn={mirrorIsOn()} />
    </section>
  )
}

function Feed({ view, events }: { view: View; events: (CutoverEvent & { id: number })[] }) {
  const kinds: [Kind | undefined, string][] = [
    [undefined, 'All'],
    ...(Object.entries(eventKinds) as [Kind, string][]),
  ]
  return (
    <Card title="Latest events">
      <nav id="events" aria-label="Kind of event" className="-mx-2.5 mb-4 flex flex-wrap gap-0.5">
        {kinds.map(([kind, label]) => (
          <a
            key={label}
            href={viewAddress({ ...view, kind }, 'events')}
            aria-current={kind === view.kind ? 'page' : undefined}
            className="rounded-md px-2.5 py-1.5 text-quiet text-sm hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {label}
          </a>
        ))}
      </nav>
      <EventsTable events={events} kind={view.kind} />
    </Card>
  )
}
