import { NextRequest, NextResponse } from 'next/server'
import type { Cookie } from '../../request/forward'
import { auth0 } from './auth0'

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
