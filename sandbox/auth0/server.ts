import { runStandIn } from '../localhost.ts'
import { auth0Tenant, ports, urls } from '../settings.ts'
import type { Fault } from '../stand-in/faults.ts'
import { startStandIn } from '../stand-in/start.ts'
import { createApp } from './app.ts'
import { installScopedClock, runAt } from './authentication-api/scoped-clock.ts'
import { auth0ControlRoutes } from './control-routes.ts'
import type { LogStreamEndpoint } from './log-stream.ts'
import { createTenant, type Tenant } from './tenant.ts'

export type Auth0StandInOptions = {
  /** 0 takes any free port. */
  port?: number
  /** The URL of the app, to which logins and logouts redirect. */
  appBaseUrl?: string
  /** Where changes of users are reported. Null reports none, until a control request sets it. */
  logStream?: LogStreamEndpoint | null
  log?: (line: string) => void
}

/** Starts the stand-in on localhost. `url` is its issuer without the slash at the end. */
export async function startAuth0StandIn(
  options: Auth0StandInOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { port = ports.auth0, appBaseUrl = urls.app, log = console.error, logStream } = options
  const undoClock = installScopedClock()
  const start = { name: 'Auth0', port, portVariable: 'AUTH0_STAND_IN_PORT', log }
  try {
    const standIn = await startStandIn(start, async (url) => {
      const tenant = await createTenant(`${url}/`, appBaseUrl, { logStream, log })
      const app = createApp(tenant, log)
      return {
        state: tenant,
        controlRoutes: auth0ControlRoutes(tenant, app),
        serve: (request, response) => runAt(tenant.clock.now, () => app.serve(request, response)),
        completeFault: (fault) => completeFault(tenant, fault),
      }
    })
    return {
      url: standIn.url,
      async close() {
        await standIn.close()
        undoClock()
      },
    }
  } catch (error) {
    undoClock()
    throw error
  }
}

/** Adds the body and the headers that Auth0 sends with the status of the fault. */
function completeFault(tenant: Tenant, fault: Fault): Fault {
  const { status } = fault
  if (status === undefined || status < 400) return fault
  const isLimit = status === 429
  const body = {
    statusCode: status,
    error: isLimit ? 'Too Many Requests' : 'Internal Server Error',
    message: isLimit ? 'Global limit has been reached' : 'Sandbox fault',
    errorCode: isLimit ? 'too_many_requests' : undefined,
  }
  const limitHeaders = {
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(tenant.clock.epochSeconds() + 1),
  }
  return { body, ...fault, headers: { ...(isLimit && limitHeaders), ...fault.headers } }
}

if (import.meta.main) {
  const { logStream } = auth0Tenant
  await runStandIn('Auth0', () => startAuth0StandIn({ logStream }))
}
