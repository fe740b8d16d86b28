import 'server-only'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { finishSignIn, type TypedPassword } from '@/lib/seam'
import { sessionCookies } from '@/lib/stytch/cookies'
import type { SignedIn } from '@/lib/stytch/sign-in'
import { deletePendingSignIn } from './pending-sign-in'

/**
 * Completes a sign-in: sets the session cookies and redirects to `returnTo`, which the caller must have validated.
 * @throws the error of `redirect`, so it never returns
 */
export async function completeSignIn(
  opened: SignedIn,
  method: string,
  returnTo: string,
  password: TypedPassword | null = null,
): Promise<never> {
  await finishSignIn(opened, method, password)
  const jar = await cookies()
  for (const cookie of sessionCookies(opened.tokens)) jar.set(cookie)
  await deletePendingSignIn()
  redirect(returnTo)
}
