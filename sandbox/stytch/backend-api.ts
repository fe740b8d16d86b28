import { type Context, Hono } from 'hono'
import { type BackendRoute, consumerBackendRoutes, jwksRoute } from './consumer/backend-routes.ts'
import { sandboxAnswer } from './consumer/sandbox-values.ts'
import { ApiError } from './errors.ts'
import { newId } from './ids.ts'
import type { Project } from './project.ts'

export const backendRoutes: BackendRoute[] = [...consumerBackendRoutes, jwksRoute]

/** The API behind the server SDKs: Basic project_id:secret, answers not wrapped. */
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

/** User and password from the Authorization header; the password may hold colons. */
export function basicCredentials(c: Context): [user: string, password: string] | undefined {
  const encoded = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const [user, ...password] = Buffer.from(encoded ?? '', 'base64')
    .toString()
    .split(':')
  return user && password.length > 0 ? [user, password.join(':')] : undefined
}

/** The body as an object; no body is an empty one. */
export async function jsonBody(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text()
  if (text === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>
    }
  } catch {
    // Answered below, like any other body that is not an object.
  }
  throw new ApiError('bad_request', 'The body must be a JSON object.')
}
