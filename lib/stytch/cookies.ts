import { config } from '../config'

/** The names of the two cookies of a session. */
export type CookieNames = { token: string; jwt: string }

/** The names that Stytch's own SDKs use, so that a session of the pre-built UI is found too. */
export const sessionTokenCookie = 'stytch_session'
export const sessionJwtCookie = 'stytch_session_jwt'
export const consumerCookies: CookieNames = { token: sessionTokenCookie, jwt: sessionJwtCookie }

export type CookieToSet = {
  name: string
  value: string
  httpOnly: true
  secure: boolean
  sameSite: 'lax'
  path: '/'
  expires: Date
}

/** The tokens of a session, from Stytch. */
export type SessionTokens = { sessionToken: string; sessionJwt: string; expiresAt: Date }

const cookie = (name: string, value: string, expires: Date): CookieToSet => ({
  name,
  value,
  // No script needs these cookies, because the login page posts the session of the pre-built UI to the server.
  httpOnly: true,
  secure: config().secureCookies,
  sameSite: 'lax',
  path: '/',
  expires,
})

/** Both cookies expire with the session. The JWT expires after five minutes, and the middleware refreshes it. */
export const sessionCookies = (
  { sessionToken, sessionJwt, expiresAt }: SessionTokens,
  names = consumerCookies,
): CookieToSet[] => [
  cookie(names.token, sessionToken, expiresAt),
  cookie(names.jwt, sessionJwt, expiresAt),
]

/** Deletes a cookie of this site. */
export const expiredCookie = (name: string): CookieToSet => cookie(name, '', new Date(0))

export const expiredSessionCookies = (names = consumerCookies): CookieToSet[] => [
  expiredCookie(names.token),
  expiredCookie(names.jwt),
]
