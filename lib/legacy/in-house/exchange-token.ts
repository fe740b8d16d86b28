import 'server-only'
import { randomBytes } from 'node:crypto'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { isEmailAddress } from '../../account/email-address'
import { database } from '../../db/database'
import type { LegacySession } from '../session'
import { type Userinfo, UserinfoRefused } from '../userinfo'
import { legacyExchangeTokens, legacySessions, legacyUsers } from './schema'
import { keyOf } from './secret-key'
import { findEnd } from './sessions'

/** How long a token works. Stytch uses it within seconds. In milliseconds. */
const lifetime = 60_000

/**
 * A token that Stytch exchanges for a session. It works once, within a minute. The cookie itself never leaves the app.
 * @throws {UserinfoRefused} the session has ended
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function issueExchangeToken(
  session: Pick<LegacySession, 'sid'>,
  now = new Date(),
): Promise<string> {
  if (!session.sid || (await findEnd(session))) throw new UserinfoRefused(401)
  const token = randomBytes(32).toString('base64url')
  const db = await database()
  await db.insert(legacyExchangeTokens).values({
    key: keyOf(token),
    sessionKey: keyOf(session.sid),
    expiresAt: new Date(now.getTime() + lifetime),
  })
  return token
}

/**
 * The user of a token. It uses the token up, in one statement: of two requests at once, one gets the answer.
 * @throws {UserinfoRefused} the token is unknown, used or too old, or its session has ended, or its user is blocked
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function redeemExchangeToken(token: string, now = new Date()): Promise<Userinfo> {
  const db = await database()
  const [user] = await db
    .update(legacyExchangeTokens)
    .set({ usedAt: now })
    .from(legacySessions)
    .innerJoin(legacyUsers, eq(legacyUsers.id, legacySessions.userId))
    .where(
      and(
        eq(legacyExchangeTokens.key, keyOf(token)),
        isNull(legacyExchangeTokens.usedAt),
        gt(legacyExchangeTokens.expiresAt, now),
        eq(legacySessions.key, sql`${legacyExchangeTokens.sessionKey}`),
        isNull(legacySessions.endedAt),
        gt(legacySessions.expiresAt, now),
        eq(legacyUsers.blocked, 'no'),
      ),
    )
    .returning({
      subject: legacyUsers.id,
      email: legacyUsers.email,
      emailVerified: legacyUsers.emailVerified,
      name: legacyUsers.name,
    })
  if (!user) throw new UserinfoRefused(401)
  const { subject, email, emailVerified, name } = user
  return {
    subject,
    email,
    emailVerified: emailVerified && isEmailAddress(email),
    name: name || email,
  }
}
