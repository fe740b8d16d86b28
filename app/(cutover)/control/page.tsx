import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { buttonClass, linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import { addressOfPage, type SearchParams } from '@/app/_ui/search-params'
import { Tabs } from '@/app/_ui/tabs'
import { Timestamp } from '@/app/_ui/timestamp'
import { cutoverConfig } from '@/lib/cutover/config'
import type { CutoverEvent } from '@/lib/cutover/events/event'
import { latestEvents } from '@/lib/cutover/events/record'
import { mirrorIsOn } from '@/lib/cutover/mirror/enqueue'
import {
  type Figures,
  type Range,
  figures as readFigures,
} from '@/lib/cutover/observability/figures'
import { readMigrationPace } from '@/lib/cutover/observability/migration-pace'
import { policyName } from '@/lib/cutover/policy/describe'
import type { PolicyInForce } from '@/lib/cutover/policy/document'
import { type PolicyVersion, policyForOperators, policyHistory } from '@/lib/cutover/policy/store'
import { requestTime } from '@/lib/request/clock'
import { Charts } from './charts/charts'
import { ControlShell, DatabaseUnavailableNotice } from './control-shell'
import { EventsTable, eventKinds } from './events-table'
import { authorizeOperatorPage } from './operator'
import { PaceCard } from './pace-card'
import { PolicyCard } from './policy-card'
import { tryRead } from './try-read'

export const metadata: Metadata = { title: 'Control' }

type Kind = CutoverEvent['kind']
type Props = { searchParams: Promise<SearchParams> }

/** The filters of the page. They are in the URL, so a view can be shared and works without JavaScript. */
type View = { range: Range; kind?: Kind }

const ranges: Record<Range, string> = { hour: 'Hour', day: 'Day', week: 'Week' }

const viewUrl = ({ range, kind }: View, anchor: string): string => {
  const query = new URLSearchParams({
    ...(range === 'hour' ? {} : { range }),
    ...(kind ? { kind } : {}),
  }).toString()
  return `/control${query && `?${query}`}#${anchor}`
}

export default async function OverviewPage({ searchParams }: Props) {
  const search = await searchParams
  const isOperator = await authorizeOperatorPage(addressOfPage('/control', search))
  const view: View = {
    range: isKeyOf(ranges, search.range) ? search.range : 'hour',
    kind: isKeyOf(eventKinds, search.kind) ? search.kind : undefined,
  }
  const now = requestTime(await headers())
  const overview = isOperator ? await tryRead(() => readOverview(view, now)) : null
  return (
    <ControlShell
      current="overview"
      title="Control"
      // A longer range changes less from one refresh to the next, and costs more to query.
      refreshSeconds={{ hour: 3, day: 15, week: 60 }[view.range]}
      lead="One policy decides who gets the Stytch login, and whether live legacy sessions are migrated. A change is in force everywhere within 5 seconds."
    >
      {overview ? (
        <>
          {search.changed === String(overview.policy.version) && (
            <PolicyChangedNotice policy={overview.policy} />
          )}
          <PolicyCard policy={overview.policy}>
            <PolicyActions policy={overview.policy} />
          </PolicyCard>
          {overview.pace && (
            <PaceCard pace={overview.pace} isCarrying={overview.policy.carrySessions} />
          )}
          <FiguresSection view={view} figures={overview.figures} versions={overview.versions} />
          <LatestEvents view={view} events={overview.events} />
        </>
      ) : (
        <DatabaseUnavailableNotice />
      )}
    </ControlShell>
  )
}

const isKeyOf = <T extends object>(object: T, value: unknown): value is keyof T =>
  typeof value === 'string' && Object.hasOwn(object, value)

async function readOverview({ range, kind }: View, now: Date) {
  const policy = await policyForOperators()
  const [events, figures, versions, pace] = await Promise.all([
    latestEvents(25, kind),
    readFigures(range, now),
    // A policy at POLICY_URL has no history here. The charts only mark the versions, so an error in one of
    // them must not hide the rollback button.
    cutoverConfig().ownsPolicy ? policyHistory(50).catch(() => []) : [],
    policy.cohort === 'nobody' ? null : readMigrationPace(policy, now),
  ])
  return { policy, events, figures, versions, pace }
}

const PolicyChangedNotice = ({ policy }: { policy: PolicyInForce }) => (
  <Notice tone="success" role="status">
    {policyName(policy)} is the policy in force, as version {policy.version}. All servers apply it
    within 5 seconds.
  </Notice>
)

/** The rollback comes first, because an operator needs it in an emergency. */
function PolicyActions({ policy }: { policy: PolicyInForce }) {
  if (!cutoverConfig().ownsPolicy) return null
  return (
    <>
      {policy.cohort !== 'nobody' && (
        <a href="/control/policy?start=before-the-migration" className={buttonClass('primary')}>
          Roll back…
        </a>
      )}
      <a href="/control/policy" className={buttonClass('secondary')}>
        Change policy
      </a>
      <a href="/control/history" className={buttonClass('quiet')}>
        History
      </a>
    </>
  )
}

function FiguresSection({
  view,
  figures,
  versions,
}: {
  view: View
  figures: Figures
  versions: PolicyVersion[]
}) {
  const inRange = versions.filter(({ at }) => at >= figures.from)
  return (
    <section aria-labelledby="figures" className="mt-6 grid scroll-mt-4 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 id="figures" className="text-lg">
          Activity
        </h2>
        <div className="w-full sm:w-64">
          <Tabs
            label="Time range of the figures"
            tabs={(Object.keys(ranges) as Range[]).map((range) => ({
              label: ranges[range],
              href: viewUrl({ ...view, range }, 'figures'),
              isCurrent: range === view.range,
            }))}
          />
        </div>
      </div>
      {inRange.length > 0 && (
        <p className="text-quiet text-sm">
          Dotted lines mark policy changes:{' '}
          {inRange.slice(0, 4).map(({ version, at, policy }, index) => (
            <span key={version}>
              {index > 0 && '; '}
              <a href={`/control/history#version-${version}`} className={linkClass}>
                version {version}
              </a>
              , {policyName(policy)}, <Timestamp at={at} />
            </span>
          ))}
          {inRange.length > 4 && `; and ${inRange.length - 4} more`}.
        </p>
      )}
      <Charts figures={figures} markers={inRange} mirrorIsOn={mirrorIsOn()} />
    </section>
  )
}

function LatestEvents({ view, events }: { view: View; events: (CutoverEvent & { id: number })[] }) {
  const kinds: [Kind | undefined, string][] = [
    [undefined, 'All'],
    ...(Object.entries(eventKinds) as [Kind, string][]),
  ]
  return (
    <Card title="Latest events">
      <nav id="events" aria-label="Event kind" className="-mx-2.5 mb-4 flex flex-wrap gap-0.5">
        {kinds.map(([kind, label]) => (
          <a
            key={label}
            href={viewUrl({ ...view, kind }, 'events')}
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
