import 'server-only'
import { Counter, Histogram, Registry } from 'prom-client'
import { perProcess } from '../../per-process'
import type { Lane } from '../../request/trace'
import type { CutoverEvent } from './event'

/**
 * Every metric of `GET /api/metrics`. docs/metrics.md has the same table, and a test keeps the two in step.
 * No label holds an id or an address: each of its values would be a time series for good.
 */
export const metrics = {
  events: {
    name: 'cutover_events_total',
    type: 'counter',
    labels: ['kind', 'lane', 'result', 'reason'],
    help: 'Events of this instance: migrations, sign-ins, sign-outs, changes of the policy, jobs of the mirror and failures.',
  },
  timeToMigrate: {
    name: 'cutover_time_to_migrate_seconds',
    type: 'histogram',
    labels: [],
    help: 'How long it took this instance to carry a session over.',
  },
  requests: {
    name: 'cutover_requests_total',
    type: 'counter',
    labels: ['lane'],
    help: 'Requests to this instance that asked who is signed in, by the lane they were served on. Without prefetches.',
  },
  databaseUp: {
    name: 'cutover_database_up',
    type: 'gauge',
    labels: [],
    help: '1 when the database answered this scrape. 0: all that is read from it is left out.',
  },
  policyVersion: {
    name: 'cutover_policy_version',
    type: 'gauge',
    labels: [],
    help: 'Version of the policy that this instance decides by. 0: none was ever read.',
  },
  policyCohort: {
    name: 'cutover_policy_cohort_ratio',
    type: 'gauge',
    labels: [],
    help: 'Share of visitors in the cohort by percentage, from 0 (nobody) to 1 (everybody). Other rules may add to it.',
  },
  policyCarries: {
    name: 'cutover_policy_carries_sessions',
    type: 'gauge',
    labels: [],
    help: '1 when live legacy sessions are carried over.',
  },
  activeSessions: {
    name: 'cutover_active_sessions',
    type: 'gauge',
    labels: ['lane'],
    help: 'Distinct sessions seen by any instance in the last five minutes.',
  },
  legacySessions: {
    name: 'cutover_legacy_sessions_30d',
    type: 'gauge',
    labels: [],
    help: 'Distinct legacy sessions seen by any instance in the last 30 days.',
  },
  claims: {
    name: 'cutover_claims',
    type: 'gauge',
    labels: ['state'],
    help: 'Legacy sessions with a claim, by its state: claimed, failed, refused, migrated or ended.',
  },
  mirrorEnabled: {
    name: 'cutover_mirror_enabled',
    type: 'gauge',
    labels: [],
    help: '1 when the mirror is on.',
  },
  mirrorJobs: {
    name: 'cutover_mirror_jobs',
    type: 'gauge',
    labels: ['state'],
    help: 'Jobs of the mirror that are not done: pending, retrying or dead.',
  },
  mirrorOldestJob: {
    name: 'cutover_mirror_oldest_job_age_seconds',
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest job of the mirror that is neither done nor given up. 0: there is none.',
  },
} as const satisfies Record<
  string,
  {
    name: string
    type: 'counter' | 'histogram' | 'gauge'
    labels: readonly string[]
    help: string
  }
>

/** Upper limits of the time to migrate. In milliseconds. */
export const timeToMigrateBuckets = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400]

/** How many different reasons are told apart. Some are a provider's own words, of which there may be any number. */
const mostReasons = 200

function createCounters() {
  const registry = new Registry()
  const registers = [registry]
  const { events, requests, timeToMigrate } = metrics
  const counters = {
    registry,
    reasons: new Set<string>(),
    events: new Counter({ ...events, labelNames: events.labels, registers }),
    requests: new Counter({ ...requests, labelNames: requests.labels, registers }),
    timeToMigrate: new Histogram({
      ...timeToMigrate,
      buckets: timeToMigrateBuckets.map((milliseconds) => milliseconds / 1_000),
      registers,
    }),
  }
  // There from the start, or the first request of a lane would be no increase.
  for (const lane of ['stytch', 'legacy', 'anonymous']) counters.requests.inc({ lane }, 0)
  return counters
}

const counters = perProcess('metrics', createCounters).value

/** Counts an event of this instance. */
export function countEvent({
  kind,
  lane,
  result,
  reason,
  milliseconds,
}: Pick<CutoverEvent, 'kind' | 'lane' | 'result' | 'reason' | 'milliseconds'>): void {
  counters.events.inc({ kind, lane, result, reason: bounded(reason) })
  if (kind === 'migration' && result === 'migrated') {
    counters.timeToMigrate.observe(milliseconds / 1_000)
  }
}

/** Counts a request of this instance. */
export const countRequest = (lane: Lane): void => counters.requests.inc({ lane })

/** What this instance has counted since it started, in Prometheus's text format. */
export const countedText = (): Promise<string> => counters.registry.metrics()

/** The reason, or "other" where it is no name, or one too many. */
function bounded(reason: string): string {
  const { reasons } = counters
  if (reasons.has(reason)) return reason
  if (!/^[a-z][a-z0-9_-]{0,63}$/i.test(reason) || reasons.size >= mostReasons) return 'other'
  reasons.add(reason)
  return reason
}
