import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { timeToMigrateBuckets } from '../events/metrics'
import { events, laneCounts, mirrorSamples } from '../schema'
import { figures, type Range, stepsOf } from './figures'

const now = new Date('2026-03-29T01:30:20Z')
const minute = 60_000
const hour = 60 * minute
let db: Database

beforeAll(async () => {
  db = await openTestDatabase()
})
beforeEach(async () => {
  await db.execute(sql`truncate events, lane_counts, mirror_samples`)
})

const insertEvent = (over: Partial<typeof events.$inferInsert>) =>
  db.insert(events).values({
    at: now,
    kind: 'migration',
    lane: 'stytch',
    result: 'migrated',
    reason: 'carried_over',
    milliseconds: 10,
    ...over,
  })

describe('a range', () => {
  it.each([
    ['hour', '2026-03-29T00:31:00Z', '2026-03-29T01:31:00Z', 60],
    ['day', '2026-03-28T02:00:00Z', '2026-03-29T02:00:00Z', 24],
    ['week', '2026-03-22T02:00:00Z', '2026-03-29T02:00:00Z', 168],
  ] as const)('of a %s ends with the step that contains now', async (range, from, to, steps) => {
    const span = stepsOf(range, now)
    expect(span).toMatchObject({ from: new Date(from), to: new Date(to) })
    const found = await figures(range, now)
    for (const list of [found.sessions, found.migrations, found.errors]) {
      expect(list).toHaveLength(steps)
      expect(list[0]?.at).toEqual(span.from)
      expect(list.at(-1)?.at.getTime()).toBe(span.to.getTime() - span.stepSeconds * 1_000)
    }
  })

  it('begins a new step at its first millisecond', () => {
    const { from, to } = stepsOf('hour', new Date('2026-03-29T01:31:00.000Z'))
    expect([from, to]).toEqual([new Date('2026-03-29T00:32:00Z'), new Date('2026-03-29T01:32:00Z')])
  })

  it.each(['hour', 'day', 'week'] as Range[])(
    'of a %s includes its start and excludes its end',
    async (range) => {
      const { from, to } = stepsOf(range, now)
      for (const at of [from.getTime() - 1, from.getTime(), to.getTime() - 1, to.getTime()]) {
        await insertEvent({ at: new Date(at), reason: `at_${at}` })
      }
      const { outcomes, migrations, timeToMigrate } = await figures(range, now)
      expect(outcomes.map(({ reason }) => reason)).toEqual([
        `at_${from.getTime()}`,
        `at_${to.getTime() - 1}`,
      ])
      expect(migrations[0]?.migrated).toBe(1)
      expect(migrations.at(-1)?.migrated).toBe(1)
      expect(timeToMigrate.count).toBe(2)
    },
  )
})

describe('an empty range', () => {
  it('has only zeros', async () => {
    const found = await figures('day', now)
    expect(found.sessions.every(({ stytch, legacy }) => stytch === 0 && legacy === 0)).toBe(true)
    expect(found).toMatchObject({ outcomes: [], errorReasons: [], mirror: [] })
    expect(found.timeToMigrate).toEqual({
      count: 0,
      medianMilliseconds: null,
      p95Milliseconds: null,
      buckets: [...timeToMigrateBuckets, null].map((upToMilliseconds) => ({
        upToMilliseconds,
        count: 0,
      })),
    })
  })
})

describe('sessions', () => {
  it('are counted by minute for an hour, and by hour for longer ranges', async () => {
    const at = new Date('2026-03-29T01:00:00Z')
    await db.insert(laneCounts).values([
      { resolution: 'minute', at, lane: 'legacy', sessions: 3 },
      { resolution: 'hour', at, lane: 'legacy', sessions: 40 },
      { resolution: 'hour', at, lane: 'stytch', sessions: 5 },
    ])
    const step = async (range: Range) =>
      (await figures(range, now)).sessions.find((each) => each.at.getTime() === at.getTime())
    expect(await step('hour')).toEqual({ at, stytch: 0, legacy: 3 })
    expect(await step('day')).toEqual({ at, stytch: 5, legacy: 40 })
    expect(await step('week')).toEqual({ at, stytch: 5, legacy: 40 })
  })
})

describe('migrations', () => {
  it('are counted by outcome and reason, the most frequent first', async () => {
    for (const reason of ['email_not_verified', 'subject_mismatch', 'email_not_verified']) {
      await insertEvent({ result: 'refused', reason, at: new Date(now.getTime() - 5 * minute) })
    }
    await insertEvent({ result: 'failed', reason: 'stytch_timeout' })
    await insertEvent({ kind: 'sign_in', result: 'signed_in', reason: 'password' })
    const { outcomes, migrations } = await figures('hour', now)
    expect(outcomes).toEqual([
      { result: 'refused', reason: 'email_not_verified', count: 2 },
      { result: 'failed', reason: 'stytch_timeout', count: 1 },
      { result: 'refused', reason: 'subject_mismatch', count: 1 },
    ])
    expect(migrations.at(-6)).toMatchObject({ migrated: 0, refused: 3, failed: 0 })
    expect(migrations.at(-1)).toMatchObject({ migrated: 0, refused: 0, failed: 1 })
  })

  it('have a duration when they succeeded', async () => {
    for (const milliseconds of [0, 50, 51, 100, 6_400, 6_401, 60_000]) {
      await insertEvent({ milliseconds })
    }
    await insertEvent({ milliseconds: 9_999, result: 'failed', reason: 'stytch_timeout' })
    const { timeToMigrate } = await figures('hour', now)
    expect(timeToMigrate).toMatchObject({ count: 7, medianMilliseconds: 100 })
    expect(timeToMigrate.p95Milliseconds).toBe(Math.round(6_401 + 0.7 * (60_000 - 6_401)))
    expect(timeToMigrate.buckets.filter(({ count }) => count > 0)).toEqual([
      { upToMilliseconds: 50, count: 2 },
      { upToMilliseconds: 100, count: 2 },
      { upToMilliseconds: 6_400, count: 1 },
      { upToMilliseconds: null, count: 2 },
    ])
  })
})

describe('errors', () => {
  it.each([
    ['migration', 'failed', true],
    ['migration', 'refused', false],
    ['migration', 'migrated', false],
    ['mirror', 'failed', true],
    ['mirror', 'dead', true],
    ['mirror', 'refused', true],
    ['mirror', 'created', false],
    ['mirror', 'off', false],
    ['sign_in', 'failed', true],
    ['sign_in', 'signed_in', false],
    ['refresh', 'failed', true],
    ['policy', 'failed', true],
    ['policy', 'changed', false],
  ])('%s %s: %s', async (kind, result, isError) => {
    await insertEvent({ kind, result, reason: 'why' })
    const { errors, errorReasons } = await figures('hour', now)
    expect(errors.at(-1)?.count).toBe(isError ? 1 : 0)
    expect(errorReasons).toEqual(isError ? [{ kind, reason: 'why', count: 1 }] : [])
  })
})

describe('the mirror', () => {
  it('shows the maximum of each step, and no step without a sample', async () => {
    const at = (text: string) => new Date(`2026-03-29T${text}Z`)
    await db.insert(mirrorSamples).values([
      { at: new Date(now.getTime() - 25 * hour), waiting: 99, dead: 99 },
      { at: at('00:40:00'), waiting: 7, dead: 0 },
      { at: at('00:59:00'), waiting: 1, dead: 2 },
      { at: at('01:00:00'), waiting: 0, dead: 2 },
    ])
    expect((await figures('day', now)).mirror).toEqual([
      { at: at('00:00:00'), waiting: 7, dead: 2 },
      { at: at('01:00:00'), waiting: 0, dead: 2 },
    ])
    expect((await figures('hour', now)).mirror).toHaveLength(3)
  })
})
