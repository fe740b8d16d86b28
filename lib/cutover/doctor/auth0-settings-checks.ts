import { z } from 'zod'
import type { Auth0Settings } from '../../legacy/auth0/settings'
import { type Check, type Outcome, ok, problem, unchecked, warning } from './finding'
import { jsonRequest, type Services } from './service'

const tokenSchema = z.object({ access_token: z.string(), scope: z.string().default('') })
const clientSchema = z.object({
  grant_types: z.array(z.string()).default([]),
  refresh_token: z.object({ rotation_type: z.string() }).nullish(),
})
const tenantSchema = z.object({
  // Auth0's default is seven days.
  session_lifetime: z.number().default(168),
})
const apiSchema = z.object({
  signing_alg: z.string().optional(),
  allow_offline_access: z.boolean().optional(),
  token_encryption: z.unknown().optional(),
})

/** The scopes that the mirror uses. */
const mirrorScopes = ['read:users', 'create:users', 'update:users', 'delete:users']

/** The scopes that a product with teams needs too, see lib/legacy/auth0/organizations.ts. */
const teamScopes = [
  'read:organizations',
  'read:organization_members',
  'create:organization_members',
  'delete:organization_members',
  'read:organization_member_roles',
  'create:organization_member_roles',
  'delete:organization_member_roles',
  'read:roles',
]

const machineClient =
  'Auth0 dashboard, Applications, APIs, Auth0 Management API, Machine to Machine Applications'
const application = 'Auth0 dashboard, Applications, your application, Settings'

/** Checks with the machine client of the Management API. */
export function auth0SettingsChecks(legacy: Auth0Settings, { ask }: Services): Check[] {
  const { management } = legacy
  let token: Promise<z.infer<typeof tokenSchema> | null> | undefined

  /** Null when Auth0 refuses the machine client. */
  async function requestToken(): Promise<z.infer<typeof tokenSchema> | null> {
    if (!management) return null
    const { status, body } = await ask(
      `${management.url}oauth/token`,
      jsonRequest('POST', {
        grant_type: 'client_credentials',
        client_id: management.clientId,
        client_secret: management.clientSecret,
        audience: `${management.url}api/v2/`,
      }),
    )
    return status === 200 ? tokenSchema.parse(body) : null
  }
  const readToken = () => {
    token ??= requestToken()
    return token
  }

  /** Reads one resource of the Management API and judges it. */
  const withResource =
    <T>(scope: string, path: string, schema: z.ZodType<T>, judge: (resource: T) => Outcome) =>
    async (): Promise<Outcome> => {
      const needs = `This needs a machine client with the scope ${scope}.`
      const where = `AUTH0_MANAGEMENT_CLIENT_ID; ${machineClient}`
      const found = await readToken()
      if (!management || !found) return unchecked(needs, where)
      const { status, body } = await ask(`${management.url}api/v2/${path}`, {
        headers: { authorization: `Bearer ${found.access_token}` },
      })
      if (status === 401 || status === 403) return unchecked(needs, where)
      if (status === 404) return problem(`Auth0 knows no ${path}.`, where)
      const parsed = schema.safeParse(body)
      if (status === 200 && parsed.success) return judge(parsed.data)
      return unchecked(`The Management API answers status ${status} to ${path}.`)
    }

  return [
    {
      code: 'auth0_management_client',
      async run() {
        if (!management) {
          return warning(
            'The mirror is off: after a rollback, people who signed up at Stytch cannot sign in.',
            `AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET; ${machineClient}`,
          )
        }
        if (await readToken()) return ok(`Client ${management.clientId}`)
        return problem(
          'Auth0 issues no token of the Management API to the machine client.',
          `AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET; ${machineClient}`,
        )
      },
    },
    {
      code: 'auth0_management_scopes',
      async run() {
        const found = await readToken()
        if (!found) return unchecked('There is no token of the Management API.', machineClient)
        const granted = found.scope.split(' ')
        const needed = legacy.team ? [...mirrorScopes, ...teamScopes] : mirrorScopes
        const missing = needed.filter((scope) => !granted.includes(scope))
        if (missing.length === 0) return ok(needed.join(' '))
        return problem(`The machine client lacks ${missing.join(', ')}.`, machineClient)
      },
    },
    {
      code: 'auth0_refresh_tokens',
      run: withResource('read:clients', `clients/${legacy.clientId}`, clientSchema, (client) => {
        if (!client.grant_types.includes('refresh_token')) {
          return problem(
            'The client may not use refresh tokens, so a session with an expired access token cannot be migrated.',
            `${application}, Advanced, Grant Types, Refresh Token`,
          )
        }
        if (client.refresh_token?.rotation_type === 'rotating') return ok('They rotate.')
        return problem(
          'Refresh tokens do not rotate: a copied one works until it expires.',
          `${application}, Refresh Token Rotation`,
        )
      }),
    },
    {
      code: 'auth0_session_lifetime',
      run: withResource('read:tenant_settings', 'tenants/settings', tenantSchema, (tenant) => {
        const hours = tenant.session_lifetime
        const ours = legacy.sessionSeconds / 3_600
        if (ours >= hours) return ok(`${hours} hours at Auth0, ${ours} hours in this app`)
        return warning(
          `A session lasts ${hours} hours at Auth0 and ${ours} hours in this app. If your product keeps sessions longer than this app, people are signed out on the first day.`,
          'AUTH0_SESSION_ABSOLUTE_DURATION, in seconds: the session.absoluteDuration of your product',
        )
      }),
    },
    {
      code: 'auth0_api',
      run: legacy.audience
        ? withResource(
            'read:resource_servers',
            `resource-servers/${encodeURIComponent(legacy.audience)}`,
            apiSchema,
            (api) => {
              const where = 'Auth0 dashboard, Applications, APIs, your API, Settings'
              if (api.signing_alg !== 'RS256') {
                return problem(
                  `Access tokens are signed with ${api.signing_alg}. The app accepts only RS256.`,
                  `${where}, Signing Algorithm`,
                )
              }
              if (api.token_encryption) {
                return problem('Access tokens are encrypted, so the app cannot read them.', where)
              }
              if (!api.allow_offline_access) {
                return problem(
                  'The API allows no refresh tokens, so a session with an expired access token cannot be migrated.',
                  `${where}, Allow Offline Access`,
                )
              }
              return ok('Signed JWTs with RS256, and refresh tokens')
            },
          )
        : () => ok('No audience'),
    },
  ]
}
