import { createStytchClient, type StytchClientOptions } from '@stytch/nextjs/headless'

/** What the browser may know of the Stytch project. */
export type StytchProject = { publicToken: string; apiUrl: string; sessionMinutes: number }

/** Not in the SDK's types, and the only way to reach an API on http: its public options insist on https. */
type Endpoints = Record<
  'testAPIURL' | 'liveAPIURL' | 'dfpBackendURL' | 'clientsideServicesIframeURL',
  string
>

let client: ReturnType<typeof createStytchClient> | undefined

/** Stytch's own client for the browser; one a page, because each keeps a session alive by itself. */
export function stytchBrowser({ publicToken, apiUrl }: StytchProject) {
  const isStandIn = !new URL(apiUrl).hostname.endsWith('.stytch.com')
  const options: StytchClientOptions & { endpoints?: Endpoints } = isStandIn
    ? {
        endpoints: {
          testAPIURL: apiUrl,
          liveAPIURL: apiUrl,
          dfpBackendURL: apiUrl,
          clientsideServicesIframeURL: `${apiUrl}/clientside-services/index.html`,
        },
      }
    : {}
  client ??= createStytchClient(publicToken, options)
  return client
}
