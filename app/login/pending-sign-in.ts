import 'server-only'
import { cookies } from 'next/headers'
import { config } from '@/lib/config'
import { seal, unseal } from '@/lib/seal'

/** A sign-in that waits for an email. It is in a sealed cookie, so it continues only in this browser. */
export type PendingSignIn = {
  email: string
  returnTo: string
  /** Stytch's id of the emailed code. */
  methodId?: string
  /** PKCE verifier of the emailed link. The link works only together with it. */
  codeVerifier?: string
}

const cookieName = 'auth_pending'
/** As long as a link of Stytch is valid. A code is valid for ten minutes only. In seconds. */
const pendingSeconds = 60 * 60

const attributes = () => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: config().secureCookies,
  path: '/',
})

/** Reads the pending sign-in of this browser, or null. */
export async function readPendingSignIn(): Promise<PendingSignIn | null> {
  const sealed = (await cookies()).get(cookieName)?.value
  const opened = sealed ? await unseal<PendingSignIn>(sealed, pendingSeconds) : null
  const { email, returnTo, methodId, codeVerifier } = opened?.data ?? {}
  return email && returnTo ? { email, returnTo, methodId, codeVerifier } : null
}

/** Saves a pending sign-in and replaces an earlier one. */
export async function savePendingSignIn(pending: PendingSignIn): Promise<void> {
  const value = await seal(pending, pendingSeconds)
  ;(await cookies()).set(cookieName, value, { ...attributes(), maxAge: pendingSeconds - 60 })
}

export async function deletePendingSignIn(): Promise<void> {
  ;(await cookies()).set(cookieName, '', { ...attributes(), maxAge: 0 })
}
