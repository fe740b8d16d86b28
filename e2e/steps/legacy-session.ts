import type { BrowserContext } from '@playwright/test'
import { decodeJwt } from 'jose'
import { sealLegacySession } from '../../sandbox/auth0/sealed-session.ts'
import { appEnvironment, demoUsers, urls } from '../../sandbox/settings.ts'
import { auth0 } from '../world/auth0.ts'
import { isInHouse } from '../world/legacy-provider.ts'
import { inHouseToken } from './in-house-session.ts'

/** Creates legacy sessions without a browser. With Auth0, they have the cookies that the Auth0 SDK would set. */

export type LegacySessionOptions = {
  accessToken?: string
  /** Null leaves the refresh token out. */
  refreshToken?: string | null
  expiresAt?: number
  createdAt?: number
  /** When the seal of the cookie ends. By default, at the end of the session. */
  sealedUntil?: number
  /** Empty: the login named no audience. */
  audience?: ''
}

/** The sealed value of the session cookie, without an organization. */
async function sealedSession(email: string, options: LegacySessionOptions): Promise<string> {
  const user = demoUsers.find((each) => each.email === email)
  if (!user) throw new Error(`no demo user ${email}`)
  const now = Math.floor(Date.now() / 1_000)
  const { audience } = options
  const grant = await auth0.grant(email, { audience })
  const refreshToken =
    options.refreshToken === null ? undefined : (options.refreshToken ?? grant.refresh_token)
  const createdAt = options.createdAt ?? now
  return sealLegacySession(
    {
      user: { sub: user.subject, email, email_verified: user.emailVerified, name: user.name },
      tokenSet: {
        accessToken: options.accessToken ?? grant.access_token,
        idToken: grant.id_token,
        refreshToken,
        scope: 'openid profile email offline_access',
        requestedScope: 'openid profile email offline_access',
        audience: audience === '' ? undefined : appEnvironment.AUTH0_AUDIENCE,
        expiresAt: options.expiresAt ?? now + grant.expires_in,
      },
      internal: {
        sid: String(decodeJwt(grant.id_token).sid ?? crypto.randomUUID()),
        createdAt,
      },
    },
    appEnvironment.AUTH0_SECRET as string,
    options.sealedUntil ?? createdAt + 3 * 24 * 60 * 60,
  )
}

/** The SDK splits a session that is too long for one cookie. */
function inChunks(value: string): Record<string, string> {
  if (value.length <= 3_500) return { __session: value }
  const chunks = value.match(/.{1,3500}/g) ?? []
  return Object.fromEntries(chunks.map((chunk, index) => [`__session__${index}`, chunk]))
}

/** The cookies of a new legacy session. */
export async function legacyCookies(
  email: string,
  options: LegacySessionOptions = {},
): Promise<Record<string, string>> {
  // Two grants within one second have the same access token, and the app would take them for one session.
  const accessToken = options.accessToken ?? (await auth0.token(email))
  return inChunks(await sealedSession(email, { ...options, accessToken }))
}

/**
 * Gives a browser the cookies of a new legacy session.
 * @param options of Auth0's sessions. The in-house login has none of them.
 */
export async function haveLegacySession(
  context: BrowserContext,
  email: string,
  options: LegacySessionOptions = {},
): Promise<void> {
  const cookies = Object.entries(
    isInHouse()
      ? { __session: options.accessToken ?? (await inHouseToken(email)) }
      : inChunks(await sealedSession(email, options)),
  )
  await context.addCookies(
    cookies.map(([name, value]) => ({
      name,
      value,
      url: urls.app,
      httpOnly: true,
      sameSite: 'Lax' as const,
    })),
  )
}

/** The legacy session cookies of a browser. */
export const legacyCookiesOf = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) => name.startsWith('__session'))

/** A Bearer token of the legacy provider, for `accessToken`. A browser and an API client then have one session. */
export const newLegacyToken = async (email: string): Promise<string> =>
  isInHouse() ? inHouseToken(email) : (await auth0.grant(email)).access_token
