import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { claims } from '../schema'
import {
  type Claim,
  endClaim,
  isClaimEnded,
  sessionKeys,
  settleMigrated,
  settleNotMigrated,
  takeClaim,
} from './claim'

const start = new Date('2026-06-01T12:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const freshKeys = () => ({ sessionKey: crypto.randomUUID(), tokenKey: crypto.randomUUID() })

async function take(keys: { sessionKey: string; tokenKey: string }, now: Date): Promise<Claim> {
  const attempt = await takeClaim(keys, now)
  if (attempt.state !== 'taken') throw new Error(`the claim was not taken: ${attempt.state}`)
  return attempt.claim
}

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
})

describe('a claim', () => {
  it('is taken by one of twenty simultaneous requests', async () => {
    const keys = freshKeys()
    const attempts = await Promise.all(Array.from({ length: 20 }, () => takeClaim(keys, start)))
    expect(attempts.map(({ state }) => state).sort()).toEqual([...Array(19).fill('busy'), 'taken'])
  })

  it('is the same for a page and an API call of one session', async () => {
    const session = {
      issuer: { canonicalName: 'https://tenant.example/' },
      accessToken: crypto.randomUUID(),
    }
    const page = await sessionKeys({ ...session, sid: 'sid-1' })
    const api = await sessionKeys({ ...session, sid: null })
    expect(page.sessionKey).not.toBe(api.sessionKey)
    await take(page, start)
    expect(await takeClaim(api, start)).toEqual({ state: 'busy' })
  })

  it('is another one for each organization and for the consumer, though the sid and the token are the same', async () => {
    const session = {
      issuer: { canonicalName: 'https://tenant.example/' },
      sid: crypto.randomUUID(),
      accessToken: crypto.randomUUID(),
    }
    for (const organization of [null, 'org_one', 'org_two']) {
      await take(await sessionKeys(session, organization), start)
    }
    expect(await takeClaim(await sessionKeys(session, 'org_one'), start)).toEqual({ state: 'busy' })
  })

  it('is the same after the access token was refreshed', async () => {
    const session = {
      issuer: { canonicalName: 'https://tenant.example/' },
      sid: crypto.randomUUID(),
    }
    await take(await sessionKeys({ ...session, accessToken: `old${session.sid}` }), start)
    expect(
      await takeClaim(await sessionKeys({ ...session, accessToken: `new${session.sid}` }), start),
    ).toEqual({ state: 'busy' })
  })

  it('passes to another holder when the lease expires, and the late holder cannot write', async () => {
    const keys = freshKeys()
    const late = await take(keys, start)
    expect(await takeClaim(keys, later(59))).toEqual({ state: 'busy' })
    const next = await take(keys, later(61))
    const session = { sessionToken: 'late', expiresAt: later(3_600) }
    expect(await settleMigrated(late, session, later(62))).toBe(false)
    expect(await settleMigrated(next, { ...session, sessionToken: 'next' }, later(62))).toBe(true)
    expect(await takeClaim(keys, later(63))).toMatchObject({
      state: 'migrated',
      sessionToken: 'next',
    })
  })

  it('returns the same session to a client that lost the response, and stores it sealed', async () => {
    const keys = freshKeys()
    const claim = await take(keys, start)
    await settleMigrated(
      claim,
      { sessionToken: 'the-session-token', expiresAt: later(3_600) },
      start,
    )
    expect(await takeClaim(keys, later(60))).toMatchObject({
      state: 'migrated',
      sessionToken: 'the-session-token',
    })
    const [row] = await db.select().from(claims).where(eq(claims.sessionKey, keys.sessionKey))
    expect(JSON.stringify(row)).not.toContain('the-session-token')
  })

  it('can be taken again after the Stytch session expired', async () => {
    const keys = freshKeys()
    await settleMigrated(
      await take(keys, start),
      { sessionToken: 'one', expiresAt: later(300) },
      start,
    )
    expect((await takeClaim(keys, later(299))).state).toBe('migrated')
    expect((await takeClaim(keys, later(301))).state).toBe('taken')
  })

  it('backs off after a failure, and counts the attempts', async () => {
    const keys = freshKeys()
    const claim = await take(keys, start)
    await settleNotMigrated(
      claim,
      { state: 'failed', reason: 'stytch_timeout', retryAt: later(30) },
      start,
    )
    expect(await takeClaim(keys, later(29))).toEqual({
      state: 'backing_off',
      reason: 'stytch_timeout',
      retryAt: later(30),
    })
    expect((await take(keys, later(30))).attempts).toBe(2)
  })

  it('is taken by one of ten requests after the back-off', async () => {
    const keys = freshKeys()
    await settleNotMigrated(
      await take(keys, start),
      { state: 'failed', reason: 'x', retryAt: later(30) },
      start,
    )
    const attempts = await Promise.all(Array.from({ length: 10 }, () => takeClaim(keys, later(31))))
    expect(attempts.filter(({ state }) => state === 'taken')).toHaveLength(1)
  })
})

describe('an ended session', () => {
  it('cannot be taken again, by its sid or by its token', async () => {
    const keys = freshKeys()
    await settleMigrated(
      await take(keys, start),
      { sessionToken: 'x', expiresAt: later(3_600) },
      start,
    )
    await endClaim(keys, later(10))
    expect(await takeClaim(keys, later(20))).toEqual({ state: 'ended' })
    const byToken = { sessionKey: keys.tokenKey, tokenKey: keys.tokenKey }
    expect(await takeClaim(byToken, later(9_999))).toEqual({ state: 'ended' })
    expect(await isClaimEnded(keys)).toBe(true)
  })

  it('stops a migration in progress, so that the migration does not undo a sign-out', async () => {
    const keys = freshKeys()
    const claim = await take(keys, start)
    await endClaim(keys, later(1))
    expect(
      await settleMigrated(claim, { sessionToken: 'x', expiresAt: later(3_600) }, later(2)),
    ).toBe(false)
    expect(await takeClaim(keys, later(3))).toEqual({ state: 'ended' })
  })

  it('is recorded without a migration attempt', async () => {
    const keys = freshKeys()
    await endClaim(keys, start)
    expect(await isClaimEnded(keys)).toBe(true)
    expect(await isClaimEnded(freshKeys())).toBe(false)
  })
})

describe('two claims of one session', () => {
  it('resolve to the migrated one when the other one failed', async () => {
    const page = freshKeys()
    await settleNotMigrated(
      await take(page, start),
      { state: 'failed', reason: 'x', retryAt: later(30) },
      start,
    )
    const refreshed = crypto.randomUUID()
    const api = { sessionKey: refreshed, tokenKey: refreshed }
    await settleMigrated(
      await take(api, start),
      { sessionToken: 'one', expiresAt: later(3_600) },
      start,
    )
    const pageAfterRefresh = { sessionKey: page.sessionKey, tokenKey: refreshed }
    expect(await takeClaim(pageAfterRefresh, later(60))).toMatchObject({
      state: 'migrated',
      sessionToken: 'one',
    })
  })
})

describe('a stored migration whose result was lost', () => {
  it('is undone, so that no client gets a revoked session', async () => {
    const keys = freshKeys()
    const claim = await take(keys, start)
    await settleMigrated(claim, { sessionToken: 'lost', expiresAt: later(3_600) }, start)
    expect(
      await settleNotMigrated(
        claim,
        { state: 'failed', reason: 'timeout', retryAt: later(30) },
        start,
      ),
    ).toBe(true)
    expect(await takeClaim(keys, later(10))).toMatchObject({ state: 'backing_off' })
    expect((await takeClaim(keys, later(31))).state).toBe('taken')
  })
})
