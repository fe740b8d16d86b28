import 'server-only'
import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { config } from '@/lib/config'

/** A sign-in that waits for an email. It is in a sealed cookie, so it continues only in this browser. */
export type PendingSignIn = {
  email: string
  returnTo: string
  /** Stytch's id of the emailed code. */
  methodId?: string
  /** PKCE verifier of the emailed link. The link works only together with it. */
  codeVerifier?: string
}

/** As long as a link of Stytch is valid. A code is valid for ten minutes only. In seconds. */
const pendingSeconds = 60 * 60

const openSession = async () =>
  getIronSession<Partial<PendingSignIn>>(await cookies(), {
    cookieName: 'auth_pending',
    password: config().cookieSecret,
    ttl: pendingSeconds,
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure: config().secureCookies, path: '/' },
  })

/** Reads the pending sign-in of this browser, or null. */
export async function readPendingSignIn(): Promise<PendingSignIn | null> {
  const { email, returnTo, methodId, codeVerifier } = await openSession()
  return email && returnTo ? { email, returnTo, methodId, codeVerifier } : null
}

/** Saves a pending sign-in and replaces an earlier one. */
export async function savePendingSignIn(pending: PendingSignIn): Promise<void> {
  const session = await openSession()
  session.methodId = undefined
  session.codeVerifier = undefined
  Object.assign(session, pending)
  await session.save()
}

export async function deletePendingSignIn(): Promise<void> {
  const session = await openSession()
  session.destroy()
}
