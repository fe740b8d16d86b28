import 'server-only'
import { createHash } from 'node:crypto'
import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import QuickLRU from 'quick-lru'
import type { Identity } from '../account/account'
import { type Database, database, inTransaction } from '../db/database'
import { revocations } from '../db/schema'
import { perProcess } from '../per-process'

/**
 * The list of ended sessions and users. A sign-out writes it before it asks the provider, and every page, action and
 * API call checks it. So a copy of a token is refused on every instance, also while the provider does not answer.
 */

/** A session that a request brings. `sessionId` is null for a legacy session, whose claim records its end. */
export type ListedSession = Identity & {
  sessionId: string | null
  startedAt: Date
  /** The user as a member of the organization that the session is for, if its issuer does not name it. */
  membership?: Identity | null
  /** Whether the user may have signed in before `startedAt`, since the token may come from a refresh token. */
  mayBeRefreshed?: boolean
}

/** Why a session is refused: it was ended, or the user is blocked at a provider. */
export type Revocation = 'session_ended' | 'user_deleted'

export type EndedSession = { issuer: string; sessionId: string; expiresAt: Date }

/** Stytch's longest session. The rows of an ended user are kept as long. In milliseconds. */
export const longestSession = 527_040 * 60_000
/** How long a JWT is valid after Stytch has revoked its session, and the same again for differing clocks. */
const jwtMilliseconds = 2 * 5 * 60_000

const sessionKey = ({ issuer, sessionId }: { issuer: string; sessionId: string }): string =>
  `session ${createHash('sha256').update(`${issuer}\n${sessionId}`).digest('base64url')}`
const userKey = ({ issuer, subject }: Identity): string => `user ${issuer} ${subject}`
const issuerKey = (issuer: string): string => `issuer ${issuer}`

/** Sessions that this instance ended. It refuses them also while the database is unavailable. */
const { value: endedHere } = perProcess(
  'sessions-ended-here',
  () => new QuickLRU<string, true>({ maxSize: 10_000 }),
)

/**
 * Checks the list, in one query. A user is refused if any identity of their account was ended. The end of a membership
 * ends the sessions of this membership alone, because other organizations of the same person have not ended theirs.
 *
 * A provider refreshes no token of a blocked, deleted or removed user. After they are back, it may refresh the tokens of
 * a sign-in from before. So a token that does not say when its user signed in stays refused then.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function findRevocation(session: ListedSession): Promise<Revocation | null> {
  const { issuer, subject, sessionId, startedAt, membership, mayBeRefreshed = false } = session
  const key = sessionId === null ? '' : sessionKey({ issuer, sessionId })
  if (endedHere.has(key)) return 'session_ended'
  const ownKeys = [key, issuerKey(issuer), userKey(session), userKey(membership ?? session)]
  const db = await database()
  const { rows } = (await db.execute(sql`
    select reason = 'blocked' as blocked from (
      select key, reason, ended_at from revocations where ${inArray(revocations.key, ownKeys)}
      union all
      select listed.key, listed.reason, listed.ended_at from identities mine
        join identities other on other.account_id = mine.account_id
        join revocations listed on listed.key = 'user ' || other.issuer || ' ' || other.subject
          and listed.reason <> 'membership_ended'
        where mine.issuer = ${issuer} and mine.subject = ${subject}
    ) found
    where key = ${key} or reason = 'blocked' or ended_at >= ${startedAt.toISOString()}::timestamptz
      or (reason in ('lifted', 'membership_ended') and ${mayBeRefreshed}::boolean)
  `)) as unknown as { rows: { blocked: boolean }[] }
  if (rows.length === 0) return null
  return rows.some(({ blocked }) => blocked) ? 'user_deleted' : 'session_ended'
}

/**
 * The same for a request of a page or an API. It passes while the database is unavailable, because an outage must not
 * sign users out.
 */
export const revocationOf = (session: ListedSession): Promise<Revocation | null> =>
  findRevocation(session).catch(() => null)

/**
 * Adds a session to the list. Call this before the provider is asked to revoke it.
 * @param prepare called before the transaction, and returns what else it writes
 * @throws {DatabaseUnavailable} and driver errors. This instance refuses the session nevertheless.
 */
export async function listSession(
  session: EndedSession,
  reason: 'signed_out' | 'replaced',
  now: Date,
  prepare: (() => Promise<(tx: Database) => Promise<void>>) | null = null,
): Promise<void> {
  const key = sessionKey(session)
  endedHere.set(key, true)
  const alongside = await prepare?.()
  await inTransaction(async (tx) => {
    await deleteExpired(tx, now)
    const row = { key, reason, endedAt: now, expiresAt: session.expiresAt }
    await tx.insert(revocations).values(row).onConflictDoNothing()
    await alongside?.(tx)
  })
}

/** Shortens the row of a session that its provider has revoked: only a JWT of it can still be valid. */
export async function confirmRevoked(
  session: { issuer: string; sessionId: string },
  now: Date,
): Promise<void> {
  const db = await database()
  const lastJwt = new Date(now.getTime() + jwtMilliseconds).toISOString()
  await db
    .update(revocations)
    .set({ expiresAt: sql`least(expires_at, ${lastJwt}::timestamptz)` })
    .where(eq(revocations.key, sessionKey(session)))
}

/**
 * Ends all sessions of a user that have started before `now`, at both providers. With `blocked` it also refuses those
 * that start later, until {@link liftBlock}.
 * @returns false when the list has this entry already
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function listUser(
  tx: Database,
  identity: Identity,
  reason: 'blocked' | 'blocked_by_mirror' | 'deleted',
  now: Date,
): Promise<boolean> {
  const row = { reason, endedAt: now, expiresAt: null }
  const written = await tx
    .insert(revocations)
    .values({ key: userKey(identity), ...row })
    .onConflictDoUpdate({
      target: revocations.key,
      set: row,
      // A block stays until it is lifted, also when the user is deleted later.
      setWhere: sql`${revocations.reason} not in ('blocked', ${reason})`,
    })
    .returning({ key: revocations.key })
  return written.length > 0
}

/**
 * Ends all sessions of one membership that have started before `now`. Sessions of the same person in other organizations
 * go on.
 * @param membership the member, or the user as {@link ListedSession.membership}
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function listMembership(tx: Database, membership: Identity, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + longestSession)
  const row = { reason: 'membership_ended' as const, endedAt: now, expiresAt }
  await tx
    .insert(revocations)
    .values({ key: userKey(membership), ...row })
    .onConflictDoUpdate({ target: revocations.key, set: row })
}

/**
 * Ends all sessions of an issuer, such as an organization that was deleted. It can open no more.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function listIssuer(issuer: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + longestSession)
  const db = await database()
  await db
    .insert(revocations)
    .values({ key: issuerKey(issuer), reason: 'deleted', endedAt: now, expiresAt })
    .onConflictDoNothing()
}

/**
 * Lets a user sign in again. Sessions from before the block stay refused.
 * @returns false when the user was not blocked
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function liftBlock(tx: Database, identity: Identity, now: Date): Promise<boolean> {
  const written = await tx
    .update(revocations)
    .set({ reason: 'lifted', expiresAt: new Date(now.getTime() + longestSession) })
    .where(
      and(
        eq(revocations.key, userKey(identity)),
        sql`${revocations.reason} in ('blocked', 'blocked_by_mirror')`,
      ),
    )
    .returning({ key: revocations.key })
  return written.length > 0
}

/**
 * The users of this list among these.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function listedUsers(
  issuer: string,
  subjects: string[],
): Promise<Map<string, typeof revocations.$inferSelect.reason>> {
  const keys = new Map(subjects.map((subject) => [userKey({ issuer, subject }), subject]))
  const db = await database()
  const rows = await db
    .select()
    .from(revocations)
    .where(inArray(revocations.key, [...keys.keys()]))
  return new Map(rows.map(({ key, reason }) => [keys.get(key) ?? '', reason]))
}

/** The migration deletes expired rows once an hour. After it has left, each sign-out deletes some. */
const deleteExpired = (tx: Database, now: Date) =>
  tx.delete(revocations).where(
    and(
      lt(revocations.expiresAt, now),
      sql`key in (select key from revocations where expires_at < ${now.toISOString()}::timestamptz
        limit 100 for update skip locked)`,
    ),
  )
