'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { finishSignOut, readRequest } from '@/lib/seam'
import { expiredSessionCookies, sessionTokenCookie } from '@/lib/stytch/cookies'
import { revokeSession } from '@/lib/stytch/revoke'
import { maximumCandidates, readCredentials, valuesOf } from '@/lib/token/credentials'

/**
 * Ends the sessions at both providers and deletes the cookies of both. A dormant legacy session would otherwise
 * sign the user in again.
 */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const reading = await readRequest('page')
  // A sibling subdomain can plant a second cookie. Only one of them is the user's session, and it must end.
  const tokens = valuesOf(readCredentials(await headers()), sessionTokenCookie)
  // Deletes the cookies even if a provider is unavailable, so the user is signed out here in any case.
  const [logoutUrl] = await Promise.all([
    finishSignOut(reading),
    ...tokens
      .slice(0, maximumCandidates)
      .map((token) =>
        revokeSession(token).catch((error: Error) => console.error(`sign-out: ${error.message}`)),
      ),
  ])
  for (const cookie of expiredSessionCookies()) jar.set(cookie)
  // Auth0's own session is in a cookie on Auth0's domain, so the browser must visit Auth0 to end it.
  redirect(logoutUrl ?? '/')
}
