import { createStytchClient, type StytchClientOptions } from '@stytch/nextjs/headless'

/** The public settings of the Stytch project. */
export type StytchProject = { publicToken: string; apiUrl: string; sessionMinutes: number }

/** An option missing from the SDK's types. The typed options require https, and the stand-in uses http. */
type Endpoints = Record<
  'testAPIURL' | 'liveAPIURL' | 'dfpBackendURL' | 'clientsideServicesIframeURL',
  string
>

let client: ReturnType<typeof createStytchClient> | undefined

/** Stytch's browser client. One per page, because each client refreshes the session in the background. */
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
