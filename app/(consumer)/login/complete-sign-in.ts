import 'server-only'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { SecondFactorRequired, SecondFactorUnknown } from '@/lib/account/second-factor-required'
import { finishSignIn, type TypedPassword } from '@/lib/seam'
import { expiredSessionCookies, sessionCookies, sessionTokenCookie } from '@/lib/stytch/cookies'
import type { SignedIn } from '@/lib/stytch/sign-in'
import { deletePendingSignIn } from './pending-sign-in'

/**
 * Completes a sign-in: sets the session cookies and redirects to `returnTo`, which the caller must have validated.
 * A user who needs a second factor is redirected to the login, which offers the previous one.
 * @throws the error of `redirect`, so it never returns
 * @throws {SecondFactorUnknown}
 */
export async function completeSignIn(
  opened: SignedIn,
  method: string,
  returnTo: string,
  password: TypedPassword | null = null,
): Promise<never> {
  const jar = await cookies()
  try {
    await finishSignIn(opened, method, password)
  } catch (error) {
    const isRefused = error instanceof SecondFactorRequired
    if (!isRefused && !(error instanceof SecondFactorUnknown)) throw error
    // The pre-built UI has set the cookies of this session already. A session of an earlier sign-in stays.
    if (jar.get(sessionTokenCookie)?.value === opened.tokens.sessionToken) {
      for (const cookie of expiredSessionCookies()) jar.set(cookie)
    }
    if (!isRefused) throw error
    await deletePendingSignIn()
    redirect(`/login?${new URLSearchParams({ reason: error.code, returnTo })}`)
  }
  for (const cookie of sessionCookies(opened.tokens)) jar.set(cookie)
  await deletePendingSignIn()
  redirect(returnTo)
}
