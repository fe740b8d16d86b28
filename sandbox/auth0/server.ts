import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { listenOnLocalhost, runStandIn } from '../localhost.ts'
import { ports, urls } from '../settings.ts'
import type { Fault } from '../stand-in/control.ts'
import { faultAnswer } from '../stand-in/control.ts'
import { changePassword } from './authentication-api/change-password.ts'
import { jwks, logout, tokenErrors, userinfo } from './authentication-api/oauth.ts'
import { jsonBodyAsForm, readText } from './authentication-api/request-body.ts'
import { installScopedClock, runAt } from './authentication-api/scoped-clock.ts'
import { controlRoutes } from './control-routes.ts'
import { managementApi } from './management-api/routes.ts'
import { createTenant, type Tenant } from './tenant.ts'
import { loginPages } from './universal-login/login.ts'
import { mailedPages } from './universal-login/ticket-links.ts'

export type Auth0StandInOptions = {
  /** 0 takes any free port. */
  port?: number
  appBaseUrl?: string
  log?: (line: string) => void
}

/** Starts the stand-in on localhost; `url` is its issuer without the last slash. */
export async function startAuth0StandIn(
  options: Auth0StandInOptions = {},
): Promise<{ url: string; close(): Promise<void> }> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The Auth0 stand-in does not start with NODE_ENV=production.')
  }
  const { port = ports.auth0, appBaseUrl = urls.app, log = console.error } = options
  // The issuer holds the port, so the port comes first; who asks before the tenant is made waits for it.
  const ready = Promise.withResolvers<RequestListener>()
  const listening = await listenOnLocalhost(port, 'AUTH0_STAND_IN_PORT', (req, res) => {
    ready.promise.then((answer) => answer(req, res))
  })
  const url = `http://localhost:${listening.port}`
  const tenant = await createTenant({ issuer: `${url}/`, appBaseUrl, log })
  const releaseClock = installScopedClock()

  ready.resolve((req, res) => {
    runAt(tenant.control.clock.now, () => handle(tenant, req, res)).catch((error: Error) => {
      log(`auth0: ${error.stack}`)
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
  })

  return {
    url,
    async close() {
      tenant.control.letGo()
      await listening.close()
      releaseClock()
    },
  }
}

async function handle(tenant: Tenant, req: IncomingMessage, res: ServerResponse) {
  const method = req.method ?? 'GET'
  const path = (req.url ?? '/').split('?', 1)[0] ?? '/'

  if (path.startsWith('/_sandbox/')) {
    const body = await readText(req)
    const answer = await controlRoutes(tenant, { method, path, body, headers: req.headers })
    res.writeHead(answer?.status ?? 404, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    res.end(JSON.stringify(answer?.body ?? {}))
    return
  }

  const end = tenant.control.requests.begin(method, path)
  res.once('close', () => end(res.writableFinished ? res.statusCode : 0))
  const fault = tenant.control.matchFault(method, path)
  if (fault && (await misbehave(tenant, fault, res))) return

  const isOAuthPost = method === 'POST' && ['/oauth/token', '/oauth/revoke'].includes(path)
  const isJson = req.headers['content-type']?.startsWith('application/json')
  const request = isOAuthPost && isJson ? await jsonBodyAsForm(req) : req
  await application(tenant)(request, res)
}

/** Koa applications by provider: a rotated key brings a new provider. */
const applications = new WeakMap<object, ReturnType<Tenant['provider']['callback']>>()

function application(tenant: Tenant) {
  const { provider } = tenant
  const known = applications.get(provider)
  if (known) return known
  provider.use(tokenErrors(tenant))
  provider.use(jwks(tenant))
  provider.use(userinfo(tenant))
  provider.use(logout(tenant))
  provider.use(loginPages(tenant))
  provider.use(mailedPages(tenant))
  provider.use(managementApi(tenant))
  provider.use(changePassword(tenant))
  const callback = provider.callback()
  applications.set(provider, callback)
  return callback
}

/** True when the fault was the whole answer. */
async function misbehave(tenant: Tenant, fault: Fault, res: ServerResponse): Promise<boolean> {
  const isLetGo = fault.delayMs !== undefined && !(await tenant.control.hold(fault.delayMs))
  if (fault.drop || isLetGo) {
    res.destroy()
    return true
  }
  const answer = faultAnswer(inAuth0sWords(tenant, fault))
  if (!answer) return false
  res.writeHead(answer.status, answer.headers)
  res.end(answer.body)
  return true
}

/** Fills in the body and the headers that Auth0 would send with this status. */
function inAuth0sWords(tenant: Tenant, fault: Fault): Fault {
  if (fault.status === undefined || fault.status < 400) return fault
  const message = fault.status === 429 ? 'Global limit has been reached' : 'Sandbox fault'
  const error = fault.status === 429 ? 'Too Many Requests' : 'Internal Server Error'
  const errorCode = fault.status === 429 ? 'too_many_requests' : undefined
  const limits = {
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(tenant.control.clock.epochSeconds() + 1),
  }
  return {
    ...fault,
    body: fault.body ?? { statusCode: fault.status, error, message, errorCode },
    headers: { ...(fault.status === 429 && limits), ...fault.headers },
  }
}

if (import.meta.main) await runStandIn('Auth0', startAuth0StandIn)
