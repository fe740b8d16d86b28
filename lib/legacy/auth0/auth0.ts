import { Auth0Client } from '@auth0/nextjs-auth0/server'
import { NextResponse } from 'next/server'
import { config } from '../../config'
import { auth0Config } from '../config'
import { signInFailedUrl } from '../paths'
import { sessionCookieName } from './settings'

/** What every login of the product has in common. */
export function sharedOptions() {
  const { appBaseUrl, secureCookies } = config()
  const settings = auth0Config()
  return {
    domain: settings.domain,
    appBaseUrl,
    authorizationParameters: {
      ...(settings.audience !== null && { audience: settings.audience }),
      scope: 'openid profile email offline_access',
    },
    session: {
      // The SDK's middleware would roll the session in every response. It sees only the routes of the login, and
      // renewal.ts renews a session at most once an hour. `rolling` makes the SDK apply both durations.
      rolling: true,
      absoluteDuration: settings.sessionSeconds,
      inactivityDuration: settings.inactivitySeconds,
      cookie: { name: sessionCookieName, sameSite: 'lax', secure: secureCookies },
    },
    // This endpoint would give the access token to every script on the page.
    enableAccessTokenEndpoint: false,
    // The hint would put an ID token into a URL, which logs may contain.
    includeIdTokenHintInOIDCLogoutUrl: false,
    allowInsecureRequests: settings.insecure,
    enableTelemetry: false,
    httpTimeout: 3_000,
  } as const
}

let client: Auth0Client | undefined

/** The Auth0 SDK. It is created on first use, because its constructor checks the domain, which a build does not set. */
export function auth0(): Auth0Client {
  const settings = auth0Config()
  client ??= new Auth0Client({
    ...sharedOptions(),
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    secret: settings.secret,
    onCallback: async (error, context) => {
      const returnTo = context.returnTo ?? '/dashboard'
      if (error) console.error(`legacy: sign-in failed: ${error.code}`)
      return NextResponse.redirect(
        error ? signInFailedUrl(returnTo) : new URL(returnTo, config().appBaseUrl),
      )
    },
  })
  return client
}
