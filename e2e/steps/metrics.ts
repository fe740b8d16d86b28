import { expect } from '@playwright/test'
import { appEnvironment } from '../../sandbox/settings.ts'
import { database } from '../world/database.ts'
import { ask } from './request.ts'

/** The metrics of the app. */

export const metricsToken = appEnvironment.METRICS_TOKEN as string
export const scrape = () => ask('/api/metrics', { bearer: metricsToken })

/** Every sample, by its name and labels. */
export async function samples(): Promise<Record<string, number>> {
  const { status, text } = await scrape()
  expect(status).toBe(200)
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}
export const requestsOn = (lane: string, audience: 'consumer' | 'member' = 'consumer') =>
  `cutover_requests_total{lane="${lane}",audience="${audience}"}`
export const activeSessions = (lane: string) => `cutover_active_sessions{lane="${lane}"}`
export const eventsOf = (
  kind: string,
  lane: string,
  result: string,
  reason: string,
  audience: 'consumer' | 'member' | 'none' = 'consumer',
) =>
  `cutover_events_total{kind="${kind}",lane="${lane}",result="${result}",reason="${reason}",audience="${audience}"}`
export const failures = (kind: string, reason: string) =>
  eventsOf(kind, 'anonymous', 'failed', reason, 'none')

let days = 0
/**
 * The offset of a full minute, on another day for each call. The app stores one failure of a kind per minute, so tests
 * must not share one.
 */
export const someMinute = () => {
  days += 1
  return 86_400 * days - (Math.floor(Date.now() / 1_000) % 60)
}

export const storedFailures = () =>
  database.query<{ kind: string; reason: string; subject: null }>(
    `select kind, reason, subject, account_id from events where result = 'failed'`,
  )
