'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { rememberIncompleteSignOut } from '@/app/_ui/incomplete-sign-out'
import { finishSignOut, readRequest } from '@/lib/seam'
import { expiredSessionCookies } from '@/lib/stytch/cookies'

/** Ends the sessions at both providers and deletes the cookies of both. */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const { logoutUrl, isComplete } = await finishSignOut(await readRequest('page'))
  // The cookies are deleted in any case, so that nobody can go on in this browser.
  for (const cookie of expiredSessionCookies()) jar.set(cookie)
  if (!isComplete) await rememberIncompleteSignOut()
  // Auth0's own session is in a cookie on Auth0's domain, so the browser must visit Auth0 to end it.
  redirect(logoutUrl ?? '/')
}
