'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { finishSignOut, readRequest } from '@/lib/seam'
import { expiredSessionCookies, sessionTokenCookie } from '@/lib/stytch/cookies'
import { revokeSession } from '@/lib/stytch/revoke'

/** Ends both providers' sessions and both cookies: a dormant one left behind would sign the person in again. */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const reading = await readRequest('page')
  const token = jar.get(sessionTokenCookie)?.value
  // A provider that is away keeps nobody signed in here: the cookies go in any case.
  const [next] = await Promise.all([
    finishSignOut(reading),
    token &&
      revokeSession(token).catch((error: Error) => console.error(`sign-out: ${error.message}`)),
  ])
  for (const cookie of expiredSessionCookies()) jar.set(cookie)
  // Auth0's own session is in a cookie of Auth0's: only the browser can take it there.
  redirect(next ?? '/')
}
