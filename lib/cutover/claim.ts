import 'server-only'
import { and, eq, inArray, or, sql } from 'drizzle-orm'
import { sealData, unsealData } from 'iron-session'
import { config } from '../config'
import { database } from '../db/database'
import { claims } from '../db/schema'

/** How long a holder may take. Longer than all its deadlines together. In milliseconds. */
const leaseMilliseconds = 60_000

/** One legacy session, told apart without keeping anything that opens it. */
export type SessionKeys = { sessionKey: string; tokenKey: string }

/** A claim that is held; `holder` is the fencing token. */
export type Claim = { sessionKey: string; holder: string; attempts: number }

export type ClaimAttempt =
  | { state: 'taken'; claim: Claim }
  /** Somebody holds it. */
  | { state: 'busy' }
  /** The last attempt did not work out; too early for the next. */
  | { state: 'backing_off'; reason: string; retryAt: Date }
  /** Done: this is the session it became. */
  | { state: 'migrated'; sessionToken: string; sessionExpiresAt: Date }
  /** Somebody ended the session, here or at Stytch. */
  | { state: 'ended' }

/** The keys of a legacy session: by its `sid` where there is one, and by its access token. */
export async function sessionKeys(session: {
  issuer: { canonicalName: string }
  sid: string | null
  accessToken: string
}): Promise<SessionKeys> {
  const tokenKey = await hash(`token\n${session.accessToken}`)
  const { issuer, sid } = session
  return {
    tokenKey,
    sessionKey: sid ? await hash(`sid\n${issuer.canonicalName}\n${sid}`) : tokenKey,
  }
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('base64url')
}

/**
 * Tries to get the right to migrate a legacy session. Of any number of tabs, instances and retries one
 * gets it at a time; the database decides.
 * @throws {DatabaseUnavailable} and driver errors: without the database nobody may migrate
 */
export async function takeClaim(keys: SessionKeys, now: Date): Promise<ClaimAttempt> {
  const db = await database()
  const holder = crypto.randomUUID()
  const lease = {
    state: 'claimed' as const,
    holder,
    leaseEndsAt: new Date(now.getTime() + leaseMilliseconds),
    updatedAt: now,
  }
  const fresh = await db
    .insert(claims)
    .values({ ...keys, ...lease })
    .onConflictDoNothing()
    .returning({ attempts: claims.attempts })
  if (fresh[0])
    return { state: 'taken', claim: { sessionKey: keys.sessionKey, holder, attempts: 1 } }

  const row = await findRow(keys)
  if (!row) return { state: 'busy' }
  const settled = await settledState(row, now)
  if (settled) return settled

  // Take it over, if it is still as we saw it. A claim after a success starts a new count.
  const attempts = row.state === 'migrated' ? 1 : row.attempts + 1
  const taken = await db
    .update(claims)
    .set({ ...lease, attempts })
    .where(
      and(
        eq(claims.sessionKey, row.sessionKey),
        eq(claims.holder, row.holder),
        eq(claims.state, row.state),
      ),
    )
    .returning({ sessionKey: claims.sessionKey })
  return taken[0]
    ? { state: 'taken', claim: { sessionKey: row.sessionKey, holder, attempts } }
    : { state: 'busy' }
}

/** As {@link takeClaim}, but only looks: for those who wait. `free` when there is something to take. */
export async function lookAtClaim(
  keys: SessionKeys,
  now: Date,
): Promise<Exclude<ClaimAttempt, { state: 'taken' }> | { state: 'free' }> {
  const row = await findRow(keys)
  return (row && (await settledState(row, now))) ?? { state: 'free' }
}

/**
 * The claim of a session. A page knows its session by the sid, an API call by the token: either finds the
 * other's. Where each has made one, the one that got furthest counts.
 */
async function findRow({ sessionKey, tokenKey }: SessionKeys) {
  const db = await database()
  const [row] = await db
    .select()
    .from(claims)
    .where(or(eq(claims.sessionKey, sessionKey), eq(claims.tokenKey, tokenKey)))
    .orderBy(sql`array_position(array['ended', 'migrated', 'claimed'], ${claims.state}) nulls last`)
    .limit(1)
  return row
}

/** What a claim says that cannot be taken; null for one that can. */
async function settledState(row: typeof claims.$inferSelect, now: Date) {
  if (row.state === 'ended') return { state: 'ended' as const }
  if (row.state === 'claimed') return row.leaseEndsAt > now ? { state: 'busy' as const } : null
  if (row.state === 'migrated') {
    if (!row.sealedSessionToken || !row.sessionExpiresAt || row.sessionExpiresAt <= now) return null
    const { sessionToken } = await unsealData<{ sessionToken?: string }>(
      row.sealedSessionToken,
      seal,
    )
    const { sessionExpiresAt } = row
    return sessionToken ? { state: 'migrated' as const, sessionToken, sessionExpiresAt } : null
  }
  if (!row.retryAt || row.retryAt <= now) return null
  return { state: 'backing_off' as const, reason: row.reason ?? 'unknown', retryAt: row.retryAt }
}

const seal = {
  get password() {
    return config().cookieSecret
  },
  ttl: 0,
}

/** Writes down what the claim became. @returns false when somebody else has it now, or has ended it */
async function settle(
  claim: Claim,
  from: (typeof claims.$inferSelect)['state'][],
  values: Partial<typeof claims.$inferInsert>,
): Promise<boolean> {
  const db = await database()
  const isOurs = and(eq(claims.sessionKey, claim.sessionKey), eq(claims.holder, claim.holder))
  const written = await db
    .update(claims)
    .set(values)
    .where(and(isOurs, inArray(claims.state, from)))
    .returning({ sessionKey: claims.sessionKey })
  return written.length > 0
}

/** The legacy session has become this Stytch session. @returns see {@link settle} */
export async function settleMigrated(
  claim: Claim,
  session: { sessionToken: string; expiresAt: Date },
  now: Date,
): Promise<boolean> {
  return settle(claim, ['claimed'], {
    state: 'migrated',
    sealedSessionToken: await sealData({ sessionToken: session.sessionToken }, seal),
    sessionExpiresAt: session.expiresAt,
    reason: null,
    retryAt: null,
    updatedAt: now,
  })
}

/**
 * Not this time. The next attempt may start at `retryAt`. Takes a success back too: its answer may have been
 * lost between the database and us, and what was opened is about to be revoked.
 */
export async function settleUndone(
  claim: Claim,
  outcome: { state: 'failed' | 'refused'; reason: string; retryAt: Date },
  now: Date,
): Promise<boolean> {
  const nothing = { sealedSessionToken: null, sessionExpiresAt: null }
  return settle(claim, ['claimed', 'migrated'], { ...outcome, ...nothing, updatedAt: now })
}

/** Nobody may be signed in by this legacy session any more: it was signed out, or what it became was ended. */
export async function endClaim(keys: SessionKeys, now: Date): Promise<void> {
  const db = await database()
  const ended = { state: 'ended' as const, sealedSessionToken: null, updatedAt: now }
  await db
    .insert(claims)
    .values({ ...keys, ...ended, holder: crypto.randomUUID(), leaseEndsAt: now })
    .onConflictDoNothing()
  await db
    .update(claims)
    .set(ended)
    .where(or(eq(claims.sessionKey, keys.sessionKey), eq(claims.tokenKey, keys.tokenKey)))
}

/** Whether the session was ended with {@link endClaim}. */
export async function isClaimEnded(keys: SessionKeys): Promise<boolean> {
  return (await findRow(keys))?.state === 'ended'
}

/**
 * When to try again after the n-th failure: 30 seconds, doubled each time, an hour at most, and up to a
 * fifth more so that a crowd does not come back in step. An attempt asks userinfo twice (we, then
 * Stytch), and Auth0 allows a person five a minute.
 */
export function backOff(attempts: number, now: Date, random: () => number = Math.random): Date {
  const seconds = Math.min(30 * 2 ** (attempts - 1), 3_600)
  return new Date(now.getTime() + seconds * 1_000 * (1 + random() / 5))
}
