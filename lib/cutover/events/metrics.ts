import 'server-only'
import { Counter, Histogram, Registry } from 'prom-client'
import { perProcess } from '../../per-process'
import type { Lane } from '../../request/trace'
import type { CutoverEvent } from './event'

/**
 * Every metric of `GET /api/metrics`. A test compares this list with the table of docs/metrics.md.
 * No label holds an id or an address, because each value of a label creates a time series.
 */
export const metrics = {
  events: {
    name: 'cutover_events_total',
    type: 'counter',
    labels: ['kind', 'lane', 'result', 'reason', 'audience'],
    help: 'Events of this instance: migrations, sign-ins, sign-outs, policy changes, mirror jobs and failures.',
  },
  timeToMigrate: {
    name: 'cutover_time_to_migrate_seconds',
    type: 'histogram',
    labels: [],
    help: 'Duration of a successful session migration on this instance.',
  },
  requests: {
    name: 'cutover_requests_total',
    type: 'counter',
    labels: ['lane', 'audience'],
    help: 'Requests to this instance that read the session, by the lane that served them. Prefetches are not counted.',
  },
  databaseUp: {
    name: 'cutover_database_up',
    type: 'gauge',
    labels: [],
    help: '1 when the database answered this scrape. When it is 0, the gauges from the database are missing.',
  },
  databaseCircuitOpen: {
    name: 'cutover_database_circuit_open',
    type: 'gauge',
    labels: [],
    help: '1 while the circuit breaker of this instance is open: requests do not wait for the database.',
  },
  policyVersion: {
    name: 'cutover_policy_version',
    type: 'gauge',
    labels: [],
    help: 'Version of the policy that this instance uses. 0 when it never read one.',
  },
  policyCohort: {
    name: 'cutover_policy_cohort_ratio',
    type: 'gauge',
    labels: [],
    help: 'Percentage rule of the policy as a ratio, from 0 (nobody) to 1 (everybody). Other rules may add visitors.',
  },
  policyCarries: {
    name: 'cutover_policy_carries_sessions',
    type: 'gauge',
    labels: [],
    help: '1 when the policy carries live legacy sessions over.',
  },
  activeSessions: {
    name: 'cutover_active_sessions',
    type: 'gauge',
    labels: ['lane'],
    help: 'Distinct sessions that any instance saw in the last five minutes.',
  },
  legacySessions: {
    name: 'cutover_legacy_sessions_30d',
    type: 'gauge',
    labels: [],
    help: 'Distinct legacy sessions that any instance saw in the last 30 days.',
  },
  claims: {
    name: 'cutover_claims',
    type: 'gauge',
    labels: ['state'],
    help: 'Legacy sessions with a claim, by the state of the claim: claimed, waiting, failed, refused, migrated or ended.',
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
    help: 'Mirror jobs that are not done: pending, retrying or dead.',
  },
  mirrorOldestJob: {
    name: 'cutover_mirror_oldest_job_age_seconds',
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest mirror job that is pending or retrying. 0 when there is none.',
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

/** Buckets of the histogram of migration durations. In milliseconds. */
export const timeToMigrateBuckets = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400]

/** Limit of distinct `reason` labels. Reasons contain error types of providers, and their number is unknown. */
const maximumReasons = 200

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
  // Each lane begins at 0, so that `rate()` counts its first request.
  for (const lane of ['stytch', 'legacy', 'anonymous']) {
    for (const audience of ['consumer', 'member']) counters.requests.inc({ lane, audience }, 0)
  }
  return counters
}

const counters = perProcess('metrics', createCounters).value

/** The user of an event or a request: a consumer, or a member of a team. No label names the team. */
export type AudienceLabel = 'consumer' | 'member'

/** The kinds of events of one user's session. Other events, such as an outage, have the audience `none`. */
const sessionKinds: ReadonlySet<CutoverEvent['kind']> = new Set([
  'migration',
  'sign_in',
  'sign_out',
])

export function countEvent(
  {
    kind,
    lane,
    subject,
    result,
    reason,
    milliseconds,
  }: Pick<CutoverEvent, 'kind' | 'lane' | 'subject' | 'result' | 'reason' | 'milliseconds'>,
  user: AudienceLabel = 'consumer',
): void {
  const audience = subject !== null && sessionKinds.has(kind) ? user : 'none'
  counters.events.inc({ kind, lane, result, reason: reasonLabel(reason), audience })
  if (kind === 'migration' && result === 'migrated') {
    counters.timeToMigrate.observe(milliseconds / 1_000)
  }
}

export const countRequest = (lane: Lane, audience: AudienceLabel): void =>
  counters.requests.inc({ lane, audience })

/** The counters of this instance since it started, in Prometheus's text format. */
export const countersText = (): Promise<string> => counters.registry.metrics()

/** The label for a reason: `other` when it is not a plain name, or beyond the limit. */
function reasonLabel(reason: string): string {
  const { reasons } = counters
  if (reasons.has(reason)) return reason
  if (!/^[a-z][a-z0-9_-]{0,63}$/i.test(reason) || reasons.size >= maximumReasons) return 'other'
  reasons.add(reason)
  return reason
}
