import 'server-only'
import { and, eq, or } from 'drizzle-orm'
import { sealData, unsealData } from 'iron-session'
import { config } from '../config'
import { database } from '../db/database'
import { claims } from '../db/schema'

/** How long a holder may take. Longer than all its deadlines together. In milliseconds. */
const leaseMilliseconds = 30_000

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

/** The keys of a legacy session: by its `sid` where there is one, and by its access token. */
export async function sessionKeys(session: {
  issuer: { canonicalName: string }
  sid: string | null
  accessToken: string
}): Promise<SessionKeys> {
  const tokenKey = await hash(`token\n${session.accessToken}`)
  return {
    tokenKey,
    sessionKey: session.sid
      ? await hash(`sid\n${session.issuer.canonicalName}\n${session.sid}`)
      : tokenKey,
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

  // A page knows the session by its sid, an API call by its token: either finds the other's claim.
  const [row] = await db
    .select()
    .from(claims)
    .where(or(eq(claims.sessionKey, keys.sessionKey), eq(claims.tokenKey, keys.tokenKey)))
    .orderBy(claims.updatedAt)
    .limit(1)
  if (!row) return { state: 'busy' }

  if (row.state === 'claimed' && row.leaseEndsAt > now) return { state: 'busy' }
  if (
    row.state === 'migrated' &&
    row.sealedSessionToken &&
    row.sessionExpiresAt &&
    row.sessionExpiresAt > now
  ) {
    const { sessionToken } = await unsealData<{ sessionToken?: string }>(
      row.sealedSessionToken,
      seal,
    )
    if (sessionToken)
      return { state: 'migrated', sessionToken, sessionExpiresAt: row.sessionExpiresAt }
  }
  if (row.state !== 'claimed' && row.retryAt && row.retryAt > now) {
    return { state: 'backing_off', reason: row.reason ?? 'unknown', retryAt: row.retryAt }
  }

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

const seal = {
  get password() {
    return config().cookieSecret
  },
  ttl: 0,
}

/** Writes down what the claim became. @returns false when the lease ran out and somebody else took it */
async function settle(claim: Claim, values: Partial<typeof claims.$inferInsert>): Promise<boolean> {
  const db = await database()
  const written = await db
    .update(claims)
    .set(values)
    .where(
      and(
        eq(claims.sessionKey, claim.sessionKey),
        eq(claims.holder, claim.holder),
        eq(claims.state, 'claimed'),
      ),
    )
    .returning({ sessionKey: claims.sessionKey })
  return written.length > 0
}

/** The legacy session has become this Stytch session. @returns see {@link settle} */
export async function settleMigrated(
  claim: Claim,
  session: { sessionToken: string; expiresAt: Date },
  now: Date,
): Promise<boolean> {
  return settle(claim, {
    state: 'migrated',
    sealedSessionToken: await sealData({ sessionToken: session.sessionToken }, seal),
    sessionExpiresAt: session.expiresAt,
    reason: null,
    retryAt: null,
    updatedAt: now,
  })
}

/** Not this time. The next attempt may start at `retryAt`. */
export async function settleUndone(
  claim: Claim,
  outcome: { state: 'failed' | 'refused'; reason: string; retryAt: Date },
  now: Date,
): Promise<boolean> {
  return settle(claim, { ...outcome, updatedAt: now })
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
