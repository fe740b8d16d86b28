import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claims, events, migrationRate } from '../schema'
import { brakeRetryTime } from './brake'
import { sessionKeys } from './claim'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests({ MIGRATIONS_PER_SECOND: '1' })
})
afterAll(() => fixture.stop())

/** Uses up the current second and the next ones, so that a test does not race with the clock. */
const useUp = () =>
  fixture.db.execute(sql`
    insert into migration_rate (at, asked, allowed)
    select at, 8, 1 from generate_series(
      date_trunc('second', clock_timestamp()), clock_timestamp() + interval '30 seconds', interval '1 second'
    ) at on conflict (at) do update set asked = 8, allowed = 1`)

async function legacySession() {
  const email = `${crypto.randomUUID()}@example.com`
  await fixture.addLegacyUser(email)
  return { email, session: await fixture.legacySessionOf(email) }
}

describe('a migration above the limit', () => {
  it('waits, calls no provider, costs no attempt and is done later', async () => {
    const { email, session } = await legacySession()
    await useUp()
    for (const server of [fixture.auth0, fixture.stytch]) await server.control('DELETE', 'requests')
    const before = Date.now()
    const outcome = await fixture.migrate(session)
    expect(outcome).toMatchObject({ result: 'waiting', reason: 'brake' })
    if (outcome.result !== 'waiting') return
    // The ninth of one a second waits nine seconds, or up to twice as long.
    const delay = outcome.retryAt.getTime() - before
    expect(delay).toBeGreaterThanOrEqual(9_000)
    expect(delay).toBeLessThan(20_000)
    for (const server of [fixture.auth0, fixture.stytch]) {
      expect((await server.control('GET', 'requests')).body).toEqual([])
    }

    // The next page view asks the brake only after that time.
    expect(await fixture.migrate(session)).toEqual(outcome)
    const { sessionKey } = await sessionKeys(session)
    const [row] = await fixture.db.select().from(claims).where(eq(claims.sessionKey, sessionKey))
    expect(row).toMatchObject({ state: 'waiting', reason: 'brake', attempts: 0 })
    expect(await fixture.db.select().from(events)).toEqual([])

    await fixture.db.delete(migrationRate)
    const done = await fixture.migrate(session, { now: outcome.retryAt })
    expect(done).toMatchObject({ result: 'migrated' })
    expect(await fixture.stytchSessionsOf(email)).toHaveLength(1)
  })

  it('is held back for all tabs of a session together, which ask the brake once', async () => {
    const { session } = await legacySession()
    await useUp()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => fixture.migrate(session)))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ result: 'waiting', reason: 'brake' })
    }
    const rows = await fixture.db.select().from(migrationRate)
    expect(rows.filter(({ asked }) => asked > 8).map(({ asked }) => asked)).toEqual([9])
  })
})

describe('brakeRetryTime', () => {
  const now = new Date('2026-06-01T12:00:00Z')
  it.each([
    [1.2, 0, 1.2],
    [1.2, 0.5, 1.8],
    [40, 0, 40],
    [1e6, 0, 60],
    [1e6, 0.99, 119.4],
  ])('waits at a load of %d and the random number %d for %d seconds', (load, random, seconds) => {
    expect(brakeRetryTime(load, now, () => random).getTime() - now.getTime()).toBeCloseTo(
      seconds * 1_000,
      3,
    )
  })
})
