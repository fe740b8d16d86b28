import { Hono } from 'hono'
import { basicCredentials, jsonBody } from './api-request.ts'
import { type BackendRoute, consumerBackendRoutes, jwksRoute } from './consumer/backend-routes.ts'
import { sandboxAnswer } from './consumer/sandbox-values.ts'
import { ApiError } from './errors.ts'
import { newId } from './ids.ts'
import type { Project } from './project.ts'

export const backendRoutes: BackendRoute[] = [...consumerBackendRoutes, jwksRoute]

/** The API of the server SDKs. Its credentials are `project_id:secret`. */
export function backendApi(project: Project): Hono {
  const api = new Hono()
  api.use('/v1/*', async (c, next) => {
    if (c.req.path.startsWith('/v1/sessions/jwks/')) return next()
    const [user, password] = basicCredentials(c) ?? []
    if (user !== project.projectId || password !== project.secret) {
      throw new ApiError('unauthorized_credentials')
    }
    project.rateLimits.request()
    return next()
  })
  for (const { method, path, sdkMethod, handle } of backendRoutes) {
    api.on(method, path, async (c) => {
      const sent = { ...c.req.query(), ...(await jsonBody(c)), ...c.req.param() }
      const sandbox = await sandboxAnswer(project, sdkMethod, sent)
      const answer = sandbox ?? (await handle(project, sent))
      return c.json({ request_id: newId('request-id'), status_code: 200, ...(answer as object) })
    })
  }
  return api
}
