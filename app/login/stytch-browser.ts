import { createStytchClient, type StytchClientOptions } from '@stytch/nextjs/headless'

/** The public settings of the Stytch project. */
export type StytchProject = { publicToken: string; apiUrl: string; sessionMinutes: number }

/** An option missing from the SDK's types. The typed options require https, and the stand-in uses http. */
type Endpoints = Record<
  'testAPIURL' | 'liveAPIURL' | 'dfpBackendURL' | 'clientsideServicesIframeURL',
  string
>

/** The options of a browser client: with a stand-in, all of its addresses. */
export function endpointOptions(apiUrl: string): StytchClientOptions & { endpoints?: Endpoints } {
  if (new URL(apiUrl).hostname.endsWith('.stytch.com')) return {}
  return {
    endpoints: {
      testAPIURL: apiUrl,
      liveAPIURL: apiUrl,
      dfpBackendURL: apiUrl,
      clientsideServicesIframeURL: `${apiUrl}/clientside-services/index.html`,
    },
  }
}

let client: ReturnType<typeof createStytchClient> | undefined

/** Stytch's browser client. One per page, because each client refreshes the session in the background. */
export function stytchBrowser({ publicToken, apiUrl }: StytchProject) {
  client ??= createStytchClient(publicToken, endpointOptions(apiUrl))
  return client
}
