import { sealLegacySession } from '../auth0/sealed-session.ts'
import { appEnvironment, auth0Tenant, type DemoUser, urls } from '../settings.ts'

/** The cookies of a user who is signed in, as a browser would send them. */

/** A session at the Stytch stand-in. */
export async function stytchCookie({ email }: DemoUser): Promise<string> {
  const session = await control<{ session_token: string; session_jwt: string }>(
    urls.stytch,
    '/_sandbox/session',
    { email },
  )
  return `stytch_session=${session.session_token}; stytch_session_jwt=${session.session_jwt}`
}

/** A session at the Auth0 stand-in, sealed and cut into chunks as the Auth0 SDK does. */
export async function legacyCookie({ email, name, subject }: DemoUser): Promise<string> {
  const grant = await control<{ access_token: string; id_token: string; refresh_token: string }>(
    urls.auth0,
    '/_sandbox/refresh-token',
    { email },
  )
  const now = Math.floor(Date.now() / 1_000)
  const sealed = await sealLegacySession(
    {
      user: { sub: subject, email, email_verified: true, name },
      tokenSet: {
        accessToken: grant.access_token,
        idToken: grant.id_token,
        refreshToken: grant.refresh_token,
        expiresAt: now + 86_400,
        audience: auth0Tenant.audience,
      },
      internal: { sid: 'bench', createdAt: now },
    },
    appEnvironment.AUTH0_SECRET ?? '',
    // Sealed until the end of the session, so that no page renews it.
    now + 3 * 86_400,
  )
  const chunks = sealed.match(/.{1,3500}/gs) ?? []
  return chunks
    .map((chunk, n) => `__session${chunks.length > 1 ? `__${n}` : ''}=${chunk}`)
    .join('; ')
}

/** The flag cookie that the app gives a browser at its first visit. */
export async function flagCookie(app: string): Promise<string> {
  const [cookie = ''] = (await fetch(`${app}/`)).headers.getSetCookie()
  return cookie.split(';')[0] ?? ''
}

async function control<T>(base: string, path: string, body: object): Promise<T> {
  const response = await fetch(base + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  return (await response.json()) as T
}
