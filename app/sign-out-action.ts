'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { requestTime } from '@/lib/clock'
import { recordEvent } from '@/lib/cutover/events'
import { expireLegacyCookies } from '@/lib/legacy/cookies'
import { isLegacyCookie } from '@/lib/legacy/session'
import { legacyLogoutUrl, revokeLegacySession } from '@/lib/legacy/sign-out'
import { expiredSessionCookies, sessionTokenCookie } from '@/lib/stytch/cookies'
import { revokeSession } from '@/lib/stytch/migrate-session'
import { getViewer } from '@/lib/viewer'

/** Ends both providers' sessions and both cookies: a dormant one left behind would sign the person in again. */
export async function signOut(): Promise<void> {
  const started = performance.now()
  const jar = await cookies()
  const viewer = await getViewer()
  const token = jar.get(sessionTokenCookie)?.value
  const hadLegacy = jar.getAll().some(({ name }) => isLegacyCookie(name))
  // A provider that is away keeps nobody signed in here: the cookies go in any case.
  await Promise.all([
    token &&
      revokeSession(token).catch((error: Error) => console.error(`sign-out: ${error.message}`)),
    hadLegacy && revokeLegacySession(),
  ])
  for (const cookie of expiredSessionCookies()) jar.set(cookie)
  expireLegacyCookies(jar)
  if (viewer) {
    await recordEvent({
      at: requestTime(await headers()),
      kind: 'sign_out',
      accountId: viewer.account?.id ?? null,
      issuer: viewer.issuer,
      subject: null,
      lane: 'anonymous',
      result: 'signed_out',
      reason: viewer.lane,
      milliseconds: performance.now() - started,
      policyVersion: 0,
    })
  }
  // Auth0's own session is in a cookie of Auth0's: only the browser can take it there.
  redirect(hadLegacy ? legacyLogoutUrl() : '/')
}
