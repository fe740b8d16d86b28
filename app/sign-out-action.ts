'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { finishSignOut, readRequest } from '@/lib/seam'
import { expiredSessionCookies, sessionTokenCookie } from '@/lib/stytch/cookies'
import { revokeSession } from '@/lib/stytch/revoke'

/**
 * Ends the sessions at both providers and deletes the cookies of both. A dormant legacy session would otherwise
 * sign the user in again.
 */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const reading = await readRequest('page')
  const token = jar.get(sessionTokenCookie)?.value
  // Deletes the cookies even if a provider is unavailable, so the user is signed out here in any case.
  const [logoutUrl] = await Promise.all([
    finishSignOut(reading),
    token &&
      revokeSession(token).catch((error: Error) => console.error(`sign-out: ${error.message}`)),
  ])
  for (const cookie of expiredSessionCookies()) jar.set(cookie)
  // Auth0's own session is in a cookie on Auth0's domain, so the browser must visit Auth0 to end it.
  redirect(logoutUrl ?? '/')
}
