import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { basicCredentials, jsonBody } from './backend-api.ts'
import {
  consumerFrontendRoutes,
  type FrontendRoute,
  openFrontendRoutes,
} from './consumer/frontend-routes.ts'
import { ApiError } from './errors.ts'
import { newId } from './ids.ts'
import type { Project } from './project.ts'

export const frontendRoutes: FrontendRoute[] = [...openFrontendRoutes, ...consumerFrontendRoutes]

/**
 * The API behind the browser SDK: Basic public_token:session_token, answers
 * wrapped in `data`, and CORS for the project's authorized domains, which are
 * those on localhost.
 */
export function frontendApi(project: Project): Hono {
  const api = new Hono()
  api.use(
    '/sdk/v1/*',
    cors({
      origin: (origin) => (isAuthorizedDomain(origin) ? origin : null),
      credentials: true,
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowHeaders: ['authorization', 'content-type', 'x-sdk-client', 'x-sdk-parent-host'],
    }),
    async (c, next) => {
      if (!isAuthorizedDomain(c.req.header('origin') ?? '')) {
        throw new ApiError('bad_domain_for_stytch_sdk')
      }
      project.rateLimits.request()
      return next()
    },
  )
  for (const { method, path, handle } of frontendRoutes) {
    const open = openFrontendRoutes.some((route) => route.path === path)
    api.on(method, path, async (c) => {
      const sessionToken = open ? undefined : readSessionToken(project, c)
      const sent = { ...(await frontendBody(c, path)), ...c.req.param() }
      const answer = await handle(project, { sent, sessionToken, attributes: attributesOf(c) })
      const data = { request_id: newId('request-id'), status_code: 200, ...(answer as object) }
      return c.json({ data })
    })
  }
  return api
}

/** Telemetry comes as a list, and nobody reads it. */
async function frontendBody(c: Context, path: string): Promise<Record<string, unknown>> {
  return path.endsWith('/events') ? {} : jsonBody(c)
}

/** Without a session the SDK sends the public token in its place. */
function readSessionToken(project: Project, c: Context): string | undefined {
  const [publicToken, sessionToken] = basicCredentials(c) ?? []
  if (publicToken !== project.publicToken) throw new ApiError('unauthorized_credentials')
  return sessionToken === project.publicToken ? undefined : sessionToken
}

function attributesOf(c: Context): { ip_address: string; user_agent: string } {
  const user_agent = c.req.header('user-agent') ?? ''
  // There is no socket when a test calls the app without a server.
  const ip_address = c.env ? (getConnInfo(c).remote.address ?? '') : ''
  return { ip_address, user_agent }
}

function isAuthorizedDomain(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname)
}
