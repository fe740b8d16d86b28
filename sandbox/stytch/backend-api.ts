import { type Context, Hono } from 'hono'
import { basicCredentials, jsonBody } from './api-request.ts'
import { b2bBackendRoutes, b2bJwksRoute } from './b2b/backend-routes.ts'
import { b2bLoginRoutes } from './b2b/login-routes.ts'
import { authorizeMember } from './b2b/member-authorization.ts'
import { b2bSandboxAnswer } from './b2b/sandbox-values.ts'
import { consumerBackendRoutes, jwksRoute } from './consumer/backend-routes.ts'
import { sandboxAnswer } from './consumer/sandbox-values.ts'
import { ApiError } from './errors.ts'
import { newId } from './ids.ts'
import type { Project } from './project.ts'
import type { BackendRoute } from './sdk-route.ts'

export const backendRoutes: BackendRoute[] = [...consumerBackendRoutes, jwksRoute]

export const b2bRoutes: BackendRoute[] = [...b2bBackendRoutes, ...b2bLoginRoutes, b2bJwksRoute]

/** Runs before the handler. Its answer replaces that of the handler, unless it is undefined. */
type Before = (
  project: Project,
  sdkMethod: string,
  sent: Record<string, unknown>,
  c: Context,
) => Promise<unknown>

/**
 * The API of the server SDKs. Its credentials are `project_id:secret`. The B2B project has the routes under
 * `/v1/b2b/`, and the consumer project has the others.
 */
export function backendApi(project: Project): Hono {
  const api = new Hono()
  api.use('/v1/*', async (c, next) => {
    if (/^\/v1\/(b2b\/)?sessions\/jwks\//.test(c.req.path)) return next()
    const { projectId, secret } = c.req.path.startsWith('/v1/b2b/') ? project.b2b : project
    const [user, password] = basicCredentials(c) ?? []
    if (user !== projectId || password !== secret) throw new ApiError('unauthorized_credentials')
    project.rateLimits.request()
    return next()
  })
  for (const route of backendRoutes) serve(api, project, route, sandboxAnswer)
  for (const route of b2bRoutes) serve(api, project, route, beforeB2b)
  return api
}

function serve(api: Hono, project: Project, route: BackendRoute, before: Before): void {
  const { method, path, sdkMethod, handle } = route
  api.on(method, path, async (c: Context) => {
    const sent = { ...c.req.query(), ...(await jsonBody(c)), ...c.req.param() }
    const answer = (await before(project, sdkMethod, sent, c)) ?? (await handle(project, sent))
    return c.json({ request_id: newId('request-id'), status_code: 200, ...(answer as object) })
  })
}

const beforeB2b: Before = async (project, sdkMethod, sent, c) => {
  await authorizeMember(project, sdkMethod, sent, {
    session_token: c.req.header('x-stytch-member-session'),
    session_jwt: c.req.header('x-stytch-member-sessionjwt'),
  })
  return b2bSandboxAnswer(project, sdkMethod, sent)
}
