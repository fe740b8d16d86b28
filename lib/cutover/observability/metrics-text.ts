import 'server-only'
import { and, count, eq, gte } from 'drizzle-orm'
import { Gauge, Registry } from 'prom-client'
import { database, databaseCircuit } from '../../db/database'
import { errorText } from '../../error-text'
import { countersText, metrics } from '../events/metrics'
import { mirrorStatus } from '../mirror/status'
import type { PolicyInForce } from '../policy/document'
import { policyInForce } from '../policy/store'
import { claims, sightings } from '../schema'

const minute = 60_000
const day = 24 * 60 * minute

/** The content type of Prometheus's text format. */
export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * The body of `GET /api/metrics`, with the counters of this instance and the gauges from the database. During an
 * outage of the database it omits the gauges, because a stale gauge would look like a current one.
 */
export async function metricsText(now: Date): Promise<string> {
  const [policy, stored] = await Promise.all([
    policyInForce(),
    readStored(now).catch((error: unknown) => {
      console.error(`metrics: the gauges are left out, the database failed: ${errorText(error)}`)
      return null
    }),
  ])
  // A new registry for each scrape, so that no gauge of an earlier scrape is left.
  const registry = new Registry()
  const set = (
    { name, help, labels: [label] }: { name: string; help: string; labels: readonly string[] },
    values: number | Record<string, number>,
  ) => {
    const gauge = new Gauge({ name, help, labelNames: label ? [label] : [], registers: [registry] })
    if (typeof values === 'number') return gauge.set(values)
    for (const [value, figure] of Object.entries(values)) {
      gauge.set({ [label as string]: value }, figure)
    }
  }
  set(metrics.databaseUp, stored ? 1 : 0)
  set(metrics.databaseCircuitOpen, databaseCircuit() === 'closed' ? 0 : 1)
  set(metrics.policyVersion, policy.version)
  set(metrics.policyCohort, cohortRatio(policy))
  set(metrics.policyCarries, policy.carrySessions ? 1 : 0)
  if (stored) {
    const { pending, retrying, dead, on, oldestSeconds } = stored.mirror
    set(metrics.activeSessions, stored.active)
    set(metrics.legacySessions, stored.legacyOfMonth)
    set(metrics.claims, stored.claims)
    set(metrics.mirrorEnabled, on ? 1 : 0)
    set(metrics.mirrorJobs, { pending, retrying, dead })
    set(metrics.mirrorOldestJob, oldestSeconds ?? 0)
  }
  return `${(await countersText()).trimEnd()}\n${(await registry.metrics()).trimEnd()}\n`
}

function cohortRatio({ cohort }: PolicyInForce): number {
  if (typeof cohort !== 'string') return cohort.percent / 100
  return cohort === 'everybody' ? 1 : 0
}

/** @throws {DatabaseUnavailable} and driver errors */
async function readStored(now: Date) {
  const db = await database()
  const countSeen = (lane: 'stytch' | 'legacy', milliseconds: number) => {
    const from = new Date(now.getTime() - milliseconds)
    return db.$count(sightings, and(eq(sightings.lane, lane), gte(sightings.lastSeen, from)))
  }
  const [stytch, legacy, legacyOfMonth, claimsByState, mirror] = await Promise.all([
    countSeen('stytch', 5 * minute),
    countSeen('legacy', 5 * minute),
    countSeen('legacy', 30 * day),
    db.select({ state: claims.state, count: count() }).from(claims).groupBy(claims.state),
    mirrorStatus(),
  ])
  const zeros = Object.fromEntries(claims.state.enumValues.map((state) => [state, 0]))
  return {
    active: { stytch, legacy },
    legacyOfMonth,
    claims: { ...zeros, ...Object.fromEntries(claimsByState.map((row) => [row.state, row.count])) },
    mirror,
  }
}
