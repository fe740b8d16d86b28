import { Auth0Client } from '@auth0/nextjs-auth0/server'
import { NextResponse } from 'next/server'
import { config } from '../config'
import { legacyConfig } from './config'

/** How long a legacy session lasts. In seconds. */
export const legacySessionSeconds = 3 * 24 * 60 * 60

/** The login page, which says that it did not work, and from where it can be tried again. */
export function signInFailedUrl(returnTo: string): URL {
  const login = new URL('/login', config().appBaseUrl)
  login.searchParams.set('problem', 'legacy_sign_in_failed')
  login.searchParams.set('returnTo', returnTo)
  return login
}

let client: Auth0Client | undefined

/** The Auth0 SDK. Made on first use: its constructor checks the domain, and a build has none. */
export function auth0(): Auth0Client {
  const { appBaseUrl, secureCookies } = config()
  const settings = legacyConfig()
  client ??= new Auth0Client({
    domain: settings.domain,
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    secret: settings.secret,
    appBaseUrl,
    authorizationParameters: {
      audience: settings.audience,
      scope: 'openid profile email offline_access',
    },
    session: {
      // A rolling session is set again on every response, also on one that left before a sign-out:
      // it would sign the person in again. It is also the slow path.
      rolling: false,
      absoluteDuration: legacySessionSeconds,
      cookie: { sameSite: 'lax', secure: secureCookies },
    },
    // Would hand the access token to any script on the page.
    enableAccessTokenEndpoint: false,
    // Would put the ID token into a URL.
    includeIdTokenHintInOIDCLogoutUrl: false,
    allowInsecureRequests: settings.insecure,
    enableTelemetry: false,
    httpTimeout: 3_000,
    onCallback: async (error, context) => {
      const returnTo = context.returnTo ?? '/dashboard'
      if (error) console.error(`legacy: sign-in failed: ${error.code}`)
      return NextResponse.redirect(
        error ? signInFailedUrl(returnTo) : new URL(returnTo, appBaseUrl),
      )
    },
  })
  return client
}
