import 'server-only'
import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'
import { config } from '@/lib/config'

/** A sign-in that waits for a mail: what this browser must bring back. */
export type Pending = {
  email: string
  returnTo: string
  /** Of the code that was mailed. */
  methodId?: string
  /** Of the link that was mailed: without it the link opens nothing. */
  codeVerifier?: string
}

/** Links last an hour at Stytch; a code ten minutes. In seconds. */
const pendingSeconds = 60 * 60

const open = async () =>
  getIronSession<Partial<Pending>>(await cookies(), {
    cookieName: 'auth_pending',
    password: config().cookieSecret,
    ttl: pendingSeconds,
    cookieOptions: { httpOnly: true, sameSite: 'lax', secure: config().secureCookies, path: '/' },
  })

/** The sign-in that this browser began, or null. */
export async function readPending(): Promise<Pending | null> {
  const { email, returnTo, methodId, codeVerifier } = await open()
  return email && returnTo ? { email, returnTo, methodId, codeVerifier } : null
}

/** Remembers a sign-in, in place of an earlier one. */
export async function rememberPending(pending: Pending): Promise<void> {
  const session = await open()
  session.methodId = undefined
  session.codeVerifier = undefined
  Object.assign(session, pending)
  await session.save()
}

/** Forgets it: it is done. */
export async function forgetPending(): Promise<void> {
  ;(await open()).destroy()
}
