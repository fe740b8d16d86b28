import type { B2BClient } from 'stytch'
import { publishedKeys } from '../published-keys.ts'
import { type BackendRoute, routesOf } from '../sdk-route.ts'
import { getOrganization } from './organization-endpoints.ts'

const route = routesOf<B2BClient>()

/** The only B2B route that needs no credentials. */
export const b2bJwksRoute = route(
  'GET /v1/b2b/sessions/jwks/:project_id',
  'sessions.getJWKS',
  (project, sent) => publishedKeys(project.b2b, project.delays, sent.project_id),
)

export const b2bBackendRoutes: BackendRoute[] = [
  route('GET /v1/b2b/organizations/:organization_id', 'organizations.get', getOrganization),
]
