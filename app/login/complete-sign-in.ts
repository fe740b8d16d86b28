import 'server-only'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { finishSignIn, type TypedPassword } from '@/lib/seam'
import { sessionCookies } from '@/lib/stytch/cookies'
import type { SignedIn } from '@/lib/stytch/sign-in'
import { forgetPending } from './pending'

/**
 * Ends a sign-in: sets the cookies of the new session and goes on to `returnTo`, which must be safe.
 * @throws what `redirect` throws; never returns
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
  await forgetPending()
  redirect(returnTo)
}
