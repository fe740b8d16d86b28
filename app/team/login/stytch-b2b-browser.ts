import { createStytchB2BClient } from '@stytch/nextjs/b2b'
import { endpointOptions, type StytchProject } from '@/app/login/stytch-browser'

/** The public settings of the B2B project, and the names of its cookies. */
export type StytchB2bProject = StytchProject & { cookies: { token: string; jwt: string } }

let client: ReturnType<typeof createStytchB2BClient> | undefined

/** Stytch's browser client for the B2B project. Its cookies differ from those of the consumer project. */
export function stytchB2bBrowser({ publicToken, apiUrl, cookies }: StytchB2bProject) {
  client ??= createStytchB2BClient(publicToken, {
    ...endpointOptions(apiUrl),
    cookieOptions: {
      opaqueTokenCookieName: cookies.token,
      jwtCookieName: cookies.jwt,
      istCookieName: 'stytch_b2b_intermediate_session',
      // Otherwise a cookie of /team/acme/login would stand beside the HttpOnly one of the same name.
      path: '/',
    },
  })
  return client
}
