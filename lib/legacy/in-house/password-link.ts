import 'server-only'
import { eq } from 'drizzle-orm'
import { config } from '../../config'
import { database, inTransaction } from '../../db/database'
import { ProviderFailure } from '../../provider-failure'
import { seal, unseal } from '../../seal'
import { LegacyRefusal } from '../record'
import { hashPassword, minimumPasswordLength } from './password-hash'
import { legacyUsers } from './schema'
import { keyOf } from './secret-key'
import { inHouseConfig } from './session-token'
import { endSessionsOf } from './sessions'

/** How long a link works. In seconds. */
const lifetime = 24 * 60 * 60

/**
 * `of` is a hash of the password that the link replaces, so a link works once. It covers the address too: a mail to the
 * former address proves nothing about a new one.
 */
type Link = { purpose: string; userId: string; of: string }

const purpose = 'legacy-password'
const mark = ({ email, passwordHash }: { email: string; passwordHash: string | null }): string =>
  keyOf(`password\n${email}\n${passwordHash ?? ''}`)

/**
 * Mails a link to set a password. The mail service of the product sends the mail, at `LEGACY_MAIL_URL`.
 * @throws {LegacyRefusal} there is no user with this address, or no mail service
 * @throws {ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function mailPasswordLink(email: string): Promise<void> {
  const { mail } = inHouseConfig()
  if (!mail) throw new LegacyRefusal('no_mail_service', 400)
  const db = await database()
  const [user] = await db.select().from(legacyUsers).where(eq(legacyUsers.email, email))
  if (!user) throw new LegacyRefusal('user_unknown', 404)
  const data: Link = { purpose, userId: user.id, of: mark(user) }
  const link = new URL('/auth/password', config().appBaseUrl)
  link.searchParams.set('token', await seal(data, lifetime))
  await post(mail, { to: email, kind: 'set_password', link: link.href })
}

async function post({ url, token }: { url: string; token: string }, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null)
  if (response?.ok) return
  throw new ProviderFailure('legacy', 'unavailable', `mail: status ${response?.status ?? 'none'}`)
}

/** Whether a password can be set with this link. */
export const isPasswordLink = async (token: string): Promise<boolean> =>
  (await linkedUser(token)) !== null

async function linkedUser(token: string): Promise<Link | null> {
  const { data = {} } = (await unseal<Link>(token, lifetime)) ?? {}
  if (data.purpose !== purpose || !data.userId || !data.of) return null
  const db = await database()
  const [user] = await db.select().from(legacyUsers).where(eq(legacyUsers.id, data.userId))
  const isOpen = user && user.blocked === 'no' && mark(user) === data.of
  return isOpen ? { purpose, userId: user.id, of: data.of } : null
}

/**
 * Sets a password by a link. The mail proves the address, and all sessions of before end.
 * @returns the problem, or null
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function setPasswordByLink(
  token: string,
  password: string,
): Promise<'link_refused' | 'password_too_short' | null> {
  if (password.length < minimumPasswordLength) return 'password_too_short'
  const link = await linkedUser(token)
  if (!link) return 'link_refused'
  const passwordHash = await hashPassword(password)
  return inTransaction(async (tx) => {
    const isThis = eq(legacyUsers.id, link.userId)
    const [user] = await tx.select().from(legacyUsers).where(isThis).for('update')
    // Another request with the same link was faster.
    if (!user || mark(user) !== link.of) return 'link_refused'
    await tx
      .update(legacyUsers)
      .set({ passwordHash, emailVerified: true, updatedAt: new Date() })
      .where(isThis)
    await endSessionsOf(tx, link.userId)
    return null
  })
}
