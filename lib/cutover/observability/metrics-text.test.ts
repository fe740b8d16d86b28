import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { closeTestDatabase, openTestDatabase } from '../../db/testing'
import { countRequest, metrics } from '../events/metrics'
import { recordEvent, recordFailure } from '../events/record'
import { presets } from '../policy/document'
import { appendPolicy } from '../policy/store'
import { claims, events } from '../schema'
import { metricsText } from './metrics-text'
import { writeSightings } from './sightings'

const now = new Date('2026-05-05T10:00:30Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
let db: Database

beforeAll(async () => {
  Object.assign(process.env, appEnvironment, {
    AUTH0_MANAGEMENT_CLIENT_ID: '',
    AUTH0_MANAGEMENT_CLIENT_SECRET: '',
  })
  db = await openTestDatabase()
})

/** Scrapes the page: every sample by its name and labels. */
async function scrape(): Promise<Record<string, number>> {
  const lines = (await metricsText(now)).split('\n').filter((line) => line && line[0] !== '#')
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

const event = {
  at: now,
  kind: 'migration' as const,
  accountId: 'acct_1',
  issuer: 'https://tenant/',
  subject: 'auth0|6501a',
  lane: 'stytch' as const,
  result: 'migrated',
  reason: 'carried_over',
  milliseconds: 150,
  policyVersion: 3,
}

describe('the counters of this instance', () => {
  it('count events by kind, lane, result and reason, and the duration of migrations in seconds', async () => {
    await recordEvent(event)
    await recordEvent({ ...event, milliseconds: 30 })
    await recordEvent({ ...event, lane: 'legacy', result: 'failed', reason: 'stytch_timeout' })
    const samples = await scrape()
    expect(samples).toMatchObject({
      'cutover_events_total{kind="migration",lane="stytch",result="migrated",reason="carried_over",audience="consumer"}': 2,
      'cutover_events_total{kind="migration",lane="legacy",result="failed",reason="stytch_timeout",audience="consumer"}': 1,
      'cutover_time_to_migrate_seconds_bucket{le="0.05"}': 1,
      'cutover_time_to_migrate_seconds_bucket{le="0.2"}': 2,
      cutover_time_to_migrate_seconds_count: 2,
    })
    expect(samples.cutover_time_to_migrate_seconds_sum).toBeCloseTo(0.18)
  })

  it('tell members of teams from consumers, and no team from another', async () => {
    await recordEvent({ ...event, reason: 'of_a_member' }, 'member')
    await recordEvent({ ...event, kind: 'policy', reason: 'rolling', subject: 'ada' }, 'member')
    expect(await scrape()).toMatchObject({
      'cutover_events_total{kind="migration",lane="stytch",result="migrated",reason="of_a_member",audience="member"}': 1,
      'cutover_events_total{kind="policy",lane="stytch",result="migrated",reason="rolling",audience="none"}': 1,
    })
  })

  it('count requests by lane and audience', async () => {
    const before = await scrape()
    expect(before['cutover_requests_total{lane="anonymous",audience="consumer"}']).toBe(0)
    countRequest('legacy', 'consumer')
    countRequest('stytch', 'member')
    expect(await scrape()).toMatchObject({
      'cutover_requests_total{lane="legacy",audience="consumer"}': 1,
      'cutover_requests_total{lane="legacy",audience="member"}': 0,
      'cutover_requests_total{lane="stytch",audience="member"}': 1,
    })
  })

  it('contain no address and no id', async () => {
    await recordEvent({ ...event, kind: 'policy', subject: 'ada@example.com', reason: 'rolling' })
    const text = await metricsText(now)
    expect(text).not.toMatch(/@|acct_|auth0\||tenant/)
  })
})

describe('the gauges from the database', () => {
  beforeEach(async () => {
    db = await openTestDatabase()
  })

  it('show sessions, claims and the mirror', async () => {
    await writeSightings([
      { sessionKey: 'a', lane: 'legacy', at: ago(299) },
      { sessionKey: 'b', lane: 'legacy', at: ago(301) },
      { sessionKey: 'c', lane: 'legacy', at: ago(31 * 24 * 60 * 60) },
      { sessionKey: 'd', lane: 'stytch', at: ago(0) },
    ])
    await db.insert(claims).values(
      (['migrated', 'migrated', 'failed'] as const).map((state, index) => ({
        sessionKey: `${index}`,
        tokenKey: `${index}`,
        state,
        holder: '',
        leaseEndsAt: now,
        updatedAt: now,
      })),
    )
    expect(await scrape()).toMatchObject({
      cutover_database_up: 1,
      'cutover_active_sessions{lane="legacy"}': 1,
      'cutover_active_sessions{lane="stytch"}': 1,
      cutover_legacy_sessions_30d: 2,
      'cutover_claims{state="migrated"}': 2,
      'cutover_claims{state="failed"}': 1,
      'cutover_claims{state="ended"}': 0,
      cutover_mirror_enabled: 0,
      'cutover_mirror_jobs{state="dead"}': 0,
    })
  })

  it('are left out while the database is unavailable, and the other metrics stay', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await appendPolicy(presets['zero-downtime'], 'ada@example.com', null)
    await expect.poll(scrape).toMatchObject({ cutover_policy_version: 2 })
    await closeTestDatabase()
    const samples = await scrape()
    expect(samples).toMatchObject({
      cutover_database_up: 0,
      cutover_policy_version: 2,
      cutover_policy_cohort_ratio: 1,
      cutover_policy_carries_sessions: 1,
    })
    expect(samples).toHaveProperty('cutover_requests_total{lane="legacy",audience="consumer"}')
    expect(Object.keys(samples).join()).not.toMatch(/active|30d|claims\{|mirror_/)
    vi.restoreAllMocks()
  })
})

describe('a failure of every request', () => {
  it('is counted each time, and stored once a minute', async () => {
    db = await openTestDatabase()
    const stored = () => db.select().from(events)
    const name =
      'cutover_events_total{kind="refresh",lane="anonymous",result="failed",reason="stytch_unavailable",audience="none"}'
    for (const seconds of [20, 10, 0]) recordFailure('refresh', 'stytch_unavailable', ago(seconds))
    recordFailure('sign_in', 'stytch_timeout', now)
    await expect.poll(async () => (await stored()).length).toBe(2)
    recordFailure('refresh', 'stytch_unavailable', ago(-60))
    await expect.poll(async () => (await stored()).length).toBe(3)
    expect((await scrape())[name]).toBe(4)
  })
})

describe('error types of a provider', () => {
  it('create a limited number of labels', async () => {
    await recordEvent({ ...event, result: 'refused', reason: 'stytch_a@example.com "}' })
    for (let index = 0; index < 300; index += 1) {
      await recordEvent({ ...event, result: 'refused', reason: `stytch_made_up_${index}` })
    }
    const refused = Object.keys(await scrape()).filter((name) => name.includes('"refused"'))
    expect(refused).toContain(
      'cutover_events_total{kind="migration",lane="stytch",result="refused",reason="other",audience="consumer"}',
    )
    expect(refused.length).toBeLessThanOrEqual(201)
  })
})

describe('docs/metrics.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8')

  it('has a row for every metric, and for nothing else', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    expect(rows).toEqual(
      Object.values(metrics).map(
        ({ name, type, labels, help }) =>
          `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
      ),
    )
  })

  it('names only existing metrics and labels in its alerts', () => {
    const known = new Map<string, readonly string[]>(
      Object.values(metrics).map(({ name, labels }) => [name, labels]),
    )
    const used = [...page.matchAll(/(cutover_[a-z0-9_]+)(?:\{([^}]*)\})?/g)]
    expect(used.length).toBeGreaterThan(known.size)
    for (const [, name = '', matchers = ''] of used) {
      expect([...known.keys()]).toContain(name)
      for (const [, label] of matchers.matchAll(/(\w+)=/g)) expect(known.get(name)).toContain(label)
    }
  })

  it('lists metrics that follow the naming conventions of Prometheus', () => {
    for (const { name, type } of Object.values(metrics)) {
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(name).not.toMatch(/milliseconds|minutes|percent/)
    }
  })
})
