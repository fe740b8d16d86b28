import 'server-only'
import { and, eq, inArray, or, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { seal, unseal } from '../../seal'
import { claims } from '../schema'

/** How long a claim is leased. Longer than all deadlines of a migration together. In milliseconds. */
const leaseMilliseconds = 60_000

/** Identifies a legacy session by hashes, so that the database holds nothing that opens it. */
export type SessionKeys = { sessionKey: string; tokenKey: string }

/** A claim that this request holds. `holder` is the fencing token. */
export type Claim = { sessionKey: string; holder: string; attempts: number }

export type ClaimAttempt =
  | { state: 'taken'; claim: Claim }
  /** Another request holds the claim. */
  | { state: 'busy' }
  /** The last attempt failed or was refused, and the next one must wait. */
  | { state: 'backing_off'; reason: string; retryAt: Date }
  /** The session is migrated: this is the Stytch session. */
  | { state: 'migrated'; sessionToken: string; sessionExpiresAt: Date }
  /** The user signed out, or the Stytch session was revoked. */
  | { state: 'ended' }

/**
 * The keys of a legacy session: one from its `sid`, if it has one, and one from its access token.
 * @param organizationId the legacy id of a member's organization. Single sign-on gives one `sid` to a consumer and to
 *   the same person in each organization, and each of them becomes a Stytch session of its own.
 */
export async function sessionKeys(
  session: {
    issuer: { canonicalName: string }
    sid: string | null
    accessToken: string
  },
  organizationId: string | null = null,
): Promise<SessionKeys> {
  const scope = organizationId === null ? '' : `organization\n${organizationId}\n`
  const tokenKey = await hash(`${scope}token\n${session.accessToken}`)
  const { issuer, sid } = session
  return {
    tokenKey,
    sessionKey: sid ? await hash(`${scope}sid\n${issuer.canonicalName}\n${sid}`) : tokenKey,
  }
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Buffer.from(digest).toString('base64url')
}

/**
 * Tries to take the claim of a legacy session. The database ensures that only one request holds it at a time, over
 * all tabs, instances and retries.
 * @throws {DatabaseUnavailable} and driver errors. Without the database no session may be migrated.
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

  // Compare-and-swap: takes the claim over only if the row is unchanged. After a success the count restarts.
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

/** Reads the state of a claim without taking it. `free` when the claim can be taken. */
export async function readClaim(
  keys: SessionKeys,
  now: Date,
): Promise<Exclude<ClaimAttempt, { state: 'taken' }> | { state: 'free' }> {
  const row = await findRow(keys)
  return (row && (await settledState(row, now))) ?? { state: 'free' }
}

/**
 * Finds the claim of a session. A page knows the `sid`, an API call knows only the token, and each must find the
 * claim of the other. When both made a claim, the most advanced one counts.
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

/** Why a claim cannot be taken now. Null when it can. */
async function settledState(row: typeof claims.$inferSelect, now: Date) {
  if (row.state === 'ended') return { state: 'ended' as const }
  if (row.state === 'claimed') return row.leaseEndsAt > now ? { state: 'busy' as const } : null
  if (row.state === 'migrated') {
    if (!row.sealedSessionToken || !row.sessionExpiresAt || row.sessionExpiresAt <= now) return null
    const opened = await unseal<{ sessionToken: string }>(row.sealedSessionToken, 0)
    const sessionToken = opened?.data.sessionToken
    const { sessionExpiresAt } = row
    return sessionToken ? { state: 'migrated' as const, sessionToken, sessionExpiresAt } : null
  }
  if (!row.retryAt || row.retryAt <= now) return null
  return { state: 'backing_off' as const, reason: row.reason ?? 'unknown', retryAt: row.retryAt }
}

/** Whether no other request has taken the claim over. @throws {DatabaseUnavailable} and driver errors */
export async function isClaimHeld({ sessionKey, holder }: Claim): Promise<boolean> {
  const db = await database()
  const isOurs = and(eq(claims.sessionKey, sessionKey), eq(claims.holder, holder))
  return (await db.$count(claims, and(isOurs, eq(claims.state, 'claimed')))) > 0
}

/** Stores the result of a claim. @returns false when another request took the claim over, or the session ended */
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

/** Stores the Stytch session of a migrated session. @returns see {@link settle} */
export async function settleMigrated(
  claim: Claim,
  session: { sessionToken: string; expiresAt: Date },
  now: Date,
): Promise<boolean> {
  return settle(claim, ['claimed'], {
    state: 'migrated',
    sealedSessionToken: await seal({ sessionToken: session.sessionToken }, 0),
    sessionExpiresAt: session.expiresAt,
    reason: null,
    retryAt: null,
    updatedAt: now,
  })
}

/**
 * Stores a failed or refused attempt. Also undoes {@link settleMigrated}, whose result may have been lost between
 * the database and this process. The caller then revokes the Stytch session.
 */
export async function settleNotMigrated(
  claim: Claim,
  outcome: { state: 'failed' | 'refused'; reason: string; retryAt: Date },
  now: Date,
): Promise<boolean> {
  const noSession = { sealedSessionToken: null, sessionExpiresAt: null }
  return settle(claim, ['claimed', 'migrated'], { ...outcome, ...noSession, updatedAt: now })
}

/** Gives a claim back without an attempt, because the brake held the migration back. */
export async function settleHeldBack(claim: Claim, retryAt: Date, now: Date): Promise<void> {
  await settle(claim, ['claimed'], {
    state: 'waiting',
    reason: 'brake',
    attempts: claim.attempts - 1,
    retryAt,
    updatedAt: now,
  })
}

/** Ends a legacy session after a sign-out or a revocation of its Stytch session. It is not accepted any more. */
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
