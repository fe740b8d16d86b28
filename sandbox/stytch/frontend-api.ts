import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { isLocalhost } from '../stand-in/same-machine.ts'
import { basicCredentials, jsonBody } from './api-request.ts'
import { b2bFrontendRoutes } from './b2b/frontend-routes.ts'
import { consumerFrontendRoutes } from './consumer/frontend-routes.ts'
import { ApiError } from './errors.ts'
import type { FrontendRoute } from './frontend-route.ts'
import { newId } from './ids.ts'
import { openFrontendRoutes } from './open-frontend-routes.ts'
import type { Project } from './project.ts'

export const frontendRoutes: FrontendRoute[] = [...openFrontendRoutes, ...consumerFrontendRoutes]

/**
 * The API of the browser SDK. Its credentials are `public_token:session_token`, and its answers are
 * wrapped in `data`. The project's authorized domains are those of localhost.
 */
export function frontendApi(project: Project): Hono {
  const api = new Hono()
  api.use(
    '/sdk/v1/*',
    cors({
      origin: (origin) => (isLocalhost(origin) ? origin : null),
      credentials: true,
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowHeaders: ['authorization', 'content-type', 'x-sdk-client', 'x-sdk-parent-host'],
    }),
    async (c, next) => {
      if (!isLocalhost(c.req.header('origin') ?? '')) {
        throw new ApiError('bad_domain_for_stytch_sdk')
      }
      project.rateLimits.request()
      return next()
    },
  )
  for (const { method, path, handle } of [...frontendRoutes, ...b2bFrontendRoutes]) {
    const isOpen = openFrontendRoutes.some((route) => route.path === path)
    api.on(method, path, async (c) => {
      const sessionToken = isOpen ? undefined : readSessionToken(project, c)
      // Telemetry comes as a list, and the stand-in ignores it.
      const body = path.endsWith('/events') ? {} : await jsonBody(c)
      const sent = { ...body, ...c.req.param() }
      const answer = await handle(project, { sent, sessionToken, attributes: attributesOf(c) })
      const data = { request_id: newId('request-id'), status_code: 200, ...(answer as object) }
      return c.json({ data })
    })
  }
  return api
}

/** Without a session, the SDK sends the public token in place of the session token. */
function readSessionToken(project: Project, c: Context): string | undefined {
  const { publicToken } = c.req.path.startsWith('/sdk/v1/b2b/') ? project.b2b : project
  const [sentToken, sessionToken] = basicCredentials(c) ?? []
  if (sentToken !== publicToken) throw new ApiError('unauthorized_credentials')
  return sessionToken === publicToken ? undefined : sessionToken
}

function attributesOf(c: Context): { ip_address: string; user_agent: string } {
  return {
    ip_address: getConnInfo(c).remote.address ?? '',
    user_agent: c.req.header('user-agent') ?? '',
  }
}
