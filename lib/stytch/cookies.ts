import { config } from '../config'

/** The names of Stytch's own SDKs, so that a session which the pre-built UI made is found too. */
export const sessionTokenCookie = 'stytch_session'
export const sessionJwtCookie = 'stytch_session_jwt'

export type CookieToSet = {
  name: string
  value: string
  httpOnly: true
  secure: boolean
  sameSite: 'lax'
  path: '/'
  expires: Date
}

/** The tokens of a session as Stytch gave them. */
export type SessionTokens = { sessionToken: string; sessionJwt: string; expiresAt: Date }

const cookie = (name: string, value: string, expires: Date): CookieToSet => ({
  name,
  value,
  // No script needs them: the pre-built UI hands over what it made, see app/login/prebuilt.tsx.
  httpOnly: true,
  secure: config().secureCookies,
  sameSite: 'lax',
  path: '/',
  expires,
})

/** Both cookies end with the session. The JWT inside ends after five minutes and is then refreshed. */
export const sessionCookies = ({
  sessionToken,
  sessionJwt,
  expiresAt,
}: SessionTokens): CookieToSet[] => [
  cookie(sessionTokenCookie, sessionToken, expiresAt),
  cookie(sessionJwtCookie, sessionJwt, expiresAt),
]

/** Takes a cookie of this site away, whichever it is. */
export const expiredCookie = (name: string): CookieToSet => cookie(name, '', new Date(0))

export const expiredSessionCookies = (): CookieToSet[] => [
  expiredCookie(sessionTokenCookie),
  expiredCookie(sessionJwtCookie),
]
