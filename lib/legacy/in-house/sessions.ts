import 'server-only'
import { randomBytes } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import { normalizedEmail } from '../../account/email-address'
import { type Database, database, inTransaction } from '../../db/database'
import { errorText } from '../../error-text'
import type { Revocation } from '../../revocation/revocation-list'
import type { LegacySession } from '../session'
import { isPassword } from './password-hash'
import { legacySessions, legacyUsers } from './schema'
import { keyOf } from './secret-key'
import { inHouseConfig, sealSession } from './session-token'

/** The address or the password is wrong, or the user is blocked. One code for all, so that nobody learns which. */
export class SignInRefused extends Error {
  readonly code = 'legacy_sign_in_refused'
  constructor() {
    super('The in-house login refuses the sign-in.')
    this.name = 'SignInRefused'
  }
}

/** A new session: the value of its cookie, and its end. */
export type NewSession = { token: string; expiresAt: Date }

/**
 * Signs a user in with a password, and opens a session.
 * @throws {SignInRefused}
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function signIn(email: string, password: string, now: Date): Promise<NewSession> {
  const db = await database()
  const [user] = await db
    .select()
    .from(legacyUsers)
    .where(eq(legacyUsers.email, normalizedEmail(email)))
  const isRight = await isPassword(password, user?.passwordHash ?? null)
  if (!user || !isRight || user.blocked !== 'no') throw new SignInRefused()

  const sid = randomBytes(32).toString('base64url')
  // The token counts whole seconds, and both must agree about the start.
  const createdAt = new Date(Math.floor(now.getTime() / 1_000) * 1_000)
  const expiresAt = new Date(createdAt.getTime() + inHouseConfig().sessionSeconds * 1_000)
  const session = { key: keyOf(sid), userId: user.id, createdAt, expiresAt }
  if (!(await openSession(session, user.passwordHash))) throw new SignInRefused()
  const { id: subject, emailVerified, name } = user
  const claims = { subject, sid, email: user.email, emailVerified, name }
  return { token: await sealSession(claims, createdAt, expiresAt), expiresAt }
}

/**
 * Opens a session, unless the password was changed or the user blocked while the old password was checked. Such a change
 * ends all sessions, and it would not know this one.
 */
const openSession = (
  session: typeof legacySessions.$inferInsert,
  checkedHash: string | null,
): Promise<boolean> =>
  inTransaction(async (tx) => {
    const isThis = eq(legacyUsers.id, session.userId)
    const [user] = await tx.select().from(legacyUsers).where(isThis).for('share')
    if (user?.passwordHash !== checkedHash || user.blocked !== 'no') return false
    await tx.insert(legacySessions).values(session)
    return true
  })

/**
 * Whether a session was ended, or its user blocked or deleted. The signature of a cookie cannot tell.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function findEnd({ sid }: Pick<LegacySession, 'sid'>): Promise<Revocation | null> {
  const db = await database()
  const [row] = await db
    .select({ endedAt: legacySessions.endedAt, blocked: legacyUsers.blocked })
    .from(legacySessions)
    .innerJoin(legacyUsers, eq(legacyUsers.id, legacySessions.userId))
    .where(eq(legacySessions.key, keyOf(sid ?? '')))
  // The row of a session leaves with its user.
  if (!row) return 'session_ended'
  if (row.blocked !== 'no') return 'user_deleted'
  return row.endedAt ? 'session_ended' : null
}

/** Ends a session. Never throws, so that signing out goes on: the claim of the migration refuses the session too. */
export async function endSession(session: Pick<LegacySession, 'sid'> | null): Promise<void> {
  if (!session?.sid) return
  try {
    const db = await database()
    await db
      .update(legacySessions)
      .set({ endedAt: new Date() })
      .where(and(eq(legacySessions.key, keyOf(session.sid)), isNull(legacySessions.endedAt)))
  } catch (error) {
    console.error(`legacy: the session could not be ended: ${errorText(error)}`)
  }
}

/** Ends all sessions of a user, when the password changes or the user is blocked. */
export async function endSessionsOf(db: Database, userId: string): Promise<void> {
  await db
    .update(legacySessions)
    .set({ endedAt: new Date() })
    .where(and(eq(legacySessions.userId, userId), isNull(legacySessions.endedAt)))
}
