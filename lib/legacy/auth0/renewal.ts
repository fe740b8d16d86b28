import { NextRequest, NextResponse } from 'next/server'
import type { Cookie } from '../../request/forward'
import { legacyConfig } from '../config'
import { auth0 } from './auth0'
import type { LegacySession } from './session'

/** A session is renewed at most once in this time. In seconds. */
const leastGain = 60 * 60

/**
 * Whether the cookie of a session must be sealed again, so that it does not end before the session. The product that
 * sealed it may have used a rolling session, which is the default of the SDK: its cookie ends a day after the last
 * visit. Without a renewal, everybody would be signed out a day after the deployment.
 */
export function isRenewalDue(
  { sealedUntil, expiresAt }: Pick<LegacySession, 'sealedUntil' | 'expiresAt'>,
  now: Date,
): boolean {
  if (!sealedUntil) return false
  const { inactivitySeconds } = legacyConfig()
  const end = Math.min(now.getTime() + inactivitySeconds * 1_000, expiresAt.getTime())
  const gain = (end - sealedUntil.getTime()) / 1_000
  return gain > Math.min(leastGain, inactivitySeconds / 10)
}

/**
 * The cookies of a session, sealed again. Call it only while no request can refresh the access token. Otherwise the
 * older of two cookies would bring back a refresh token that was used.
 * @param sdk of the login that the session belongs to
 * @returns never throws. Empty when the SDK cannot open the session, for instance beside planted cookies.
 */
export async function renewedCookies(
  url: string,
  headers: Headers,
  sdk = auth0,
): Promise<Cookie[]> {
  const cookie = headers.get('cookie') ?? ''
  const request = new NextRequest(url, { headers: { cookie } })
  const response = NextResponse.next()
  try {
    const session = await sdk().getSession(request)
    if (session) await sdk().updateSession(request, response, session)
  } catch (error) {
    console.error(`legacy: a session could not be renewed: ${(error as Error).message}`)
  }
  return response.cookies.getAll().map((each) => ({
    name: each.name,
    value: each.value,
    httpOnly: true,
    secure: each.secure === true,
    sameSite: 'lax',
    path: '/',
    ...(each.maxAge === undefined ? {} : { maxAge: each.maxAge }),
  }))
}

/** Like {@link renewedCookies}, in a server action. It sets the cookies itself. */
export async function renewInAction(sdk = auth0): Promise<void> {
  try {
    const session = await sdk().getSession()
    if (session) await sdk().updateSession(session)
  } catch (error) {
    console.error(`legacy: a session could not be renewed: ${(error as Error).message}`)
  }
}
