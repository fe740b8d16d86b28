import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { CONTROL_PREFIX, faultAnswer } from '../stand-in/control.ts'
import { backendApi } from './backend-api.ts'
import { followLink } from './consumer/magic-links.ts'
import { control } from './control-routes.ts'
import { ApiError, asApiError, errorBody } from './errors.ts'
import { frontendApi } from './frontend-api.ts'
import { inboxPage } from './inbox-page.ts'
import type { Project } from './project.ts'

/** Longer than any verifier waits for a key set (jose gives up after five seconds). */
const SLOW_JWKS_MS = 30_000
const JWKS_PATH = '/v1/sessions/jwks/'

type Env = { Bindings: HttpBindings }

/** Routes that belong to neither API. */
export const pageRoutes = [
  { method: 'GET', path: '/', purpose: 'the inbox: mails and codes that would have been sent' },
  { method: 'GET', path: '/inbox', purpose: 'the same' },
  {
    method: 'GET',
    path: '/v1/magic_links/redirect',
    purpose: 'the link in a mail; leads on to the URL that the app named',
  },
  {
    method: 'GET',
    path: '/clientside-services/index.html',
    purpose: "an empty page for the browser SDK's hidden frame",
  },
]

/** The whole stand-in as one app. */
export function createApp(project: Project): Hono<Env> {
  const app = new Hono<Env>()

  app.use(async (c, next) => {
    const { method, path } = c.req
    if (path.startsWith(CONTROL_PREFIX)) {
      const request = { method, path, body: await c.req.text(), headers: c.req.raw.headers }
      const { status, body } = await control(project, request)
      return Response.json(body, { status })
    }
    if (path === '/' || path === '/inbox') return next()
    const end = project.control.requests.begin(method, path)
    const drop = () => {
      end(0)
      c.env.incoming.socket.destroy()
      return RESPONSE_ALREADY_SENT
    }
    // Not for a preflight: it would use up a fault that is meant for the call itself.
    const fault = method === 'OPTIONS' ? null : project.control.matchFault(method, path)
    if (fault?.delayMs && !(await project.control.hold(fault.delayMs))) return drop()
    if (fault?.drop) return drop()
    const answer = fault && faultAnswer(fault)
    if (answer) {
      end(answer.status)
      const { status, headers, body } = answer
      return new Response(body, { status, headers: { ...readableFrom(c), ...headers } })
    }
    const isSlow = project.keys.mode === 'slow' && path.startsWith(JWKS_PATH)
    if (isSlow && !(await project.control.hold(SLOW_JWKS_MS))) return drop()
    await next()
    end(c.res.status)
  })

  app.get('/', (c) => inboxPage(c, project))
  app.get('/inbox', (c) => inboxPage(c, project))
  app.get('/v1/magic_links/redirect', (c) =>
    c.redirect(followLink(project, c.req.query('token')), 302),
  )
  app.get('/clientside-services/index.html', (c) =>
    c.html('<!doctype html><html lang="en"><title>Stand-in</title></html>'),
  )
  app.route('/', frontendApi(project))
  app.route('/', backendApi(project))

  app.notFound((c) => fail(new ApiError('route_not_found'), c))
  app.onError((error, c) => fail(asApiError(error), c))
  return app
}

function fail(error: ApiError, c: Context): Response {
  return c.json(errorBody(error), error.status as 400)
}

/** A fault replaces the whole answer, yet a browser may only read it with these. */
function readableFrom(c: Context): Record<string, string> {
  const origin = c.req.header('origin')
  if (!origin) return {}
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
}
