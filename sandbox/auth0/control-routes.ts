import { z } from 'zod'
import { auth0Tenant } from '../settings.ts'
import {
  type ControlAnswer,
  type ControlRoutes,
  controlError,
  ok,
  withBody,
} from '../stand-in/control-routes.ts'
import { type Forgery, forgeryFields, signJwt } from '../stand-in/jwt.ts'
import { addUsers, addUsersSchema } from './add-users.ts'
import type { App } from './app.ts'
import { runAt } from './authentication-api/scoped-clock.ts'
import {
  accessTokenClaims,
  idTokenClaims,
  machineTokenClaims,
  oidcScope,
} from './authentication-api/token-claims.ts'
import { passwordHashExport } from './password-hash-export.ts'
import type { LoginContext, Tenant } from './tenant.ts'
import type { User } from './users.ts'

const person = {
  email: z.string(),
  /** An id or a name. The user need not be a member. */
  organization: z.string().optional(),
  /** The application that the user logs in with. */
  client: z.enum(['web', 'team']).default('web'),
}
const forgery = {
  ...forgeryFields,
  /** Negative: the token has expired already. */
  expiresInSeconds: z.number().optional(),
}
const userTokenSchema = z.strictObject({ ...person, ...forgery })
const machineTokenSchema = z.strictObject({ audience: z.string().optional(), ...forgery })
const refreshTokenSchema = z.strictObject({
  ...person,
  /** Empty: as after a login that names no audience. */
  audience: z.literal('').optional(),
})
const jwksSchema = z.strictObject({
  mode: z.enum(['normal', 'rotate', 'empty', 'error', 'slow', 'weak']),
})
const logStreamSchema = z.strictObject({
  url: z.url().nullable(),
  token: z.string().default(''),
  format: z.enum(['logs', 'events']).default('logs'),
})
const secondFactorSchema = z.strictObject({ email: z.string(), enrolled: z.boolean() })
const tenantSchema = z.strictObject({
  accessTokenSeconds: z.int().min(1).optional(),
  rotationOverlapSeconds: z.int().min(0).optional(),
  passwordPolicy: z.enum(['low', 'good']).optional(),
  sessionHours: z.int().min(1).optional(),
  refreshTokenRotation: z.boolean().optional(),
  callbackUrls: z.array(z.url()).optional(),
  logoutUrls: z.array(z.url()).optional(),
  managementScope: z.string().optional(),
  apiSigningAlgorithm: z.enum(['RS256', 'HS256']).optional(),
  organizationNames: z.boolean().optional(),
})

/** The control routes of this stand-in alone. */
export function auth0ControlRoutes(tenant: Tenant, app: App): ControlRoutes {
  return {
    'POST /_sandbox/token': withBody(userTokenSchema, (input) =>
      forUser(tenant, input, async (user, login) => {
        const claims = accessTokenClaims(tenant, user, login, clientIdOf(input))
        return ok({ access_token: await signToken(tenant, claims, input) })
      }),
    ),
    'POST /_sandbox/id-token': withBody(userTokenSchema, (input) =>
      forUser(tenant, input, async (user, login) => {
        const claims = idTokenClaims(tenant, user, login, clientIdOf(input))
        return ok({ id_token: await signToken(tenant, claims, input) })
      }),
    ),
    'POST /_sandbox/machine-token': withBody(machineTokenSchema, async (input) => {
      const claims = machineTokenClaims(tenant, input.audience ?? auth0Tenant.audience)
      return ok({ access_token: await signToken(tenant, claims, input) })
    }),
    'POST /_sandbox/refresh-token': withBody(refreshTokenSchema, (input) =>
      forUser(tenant, input, async (user, login) => {
        const { audience = auth0Tenant.audience } = input
        const clientId = clientIdOf(input)
        return ok({
          refresh_token: await runAt(tenant.clock.now, () =>
            grant(app, tenant, { user, login, audience, clientId }),
          ),
          access_token: await signToken(tenant, accessTokenClaims(tenant, user, login, clientId)),
          id_token: await signToken(tenant, idTokenClaims(tenant, user, login, clientId)),
          expires_in: tenant.settings.accessTokenSeconds,
        })
      }),
    ),
    'PUT /_sandbox/second-factor': withBody(secondFactorSchema, ({ email, enrolled }) =>
      forUser(tenant, { email }, async (user) => {
        const { multifactor } = tenant.users.update(user, {
          multifactor: enrolled ? ['guardian'] : [],
        })
        return ok({ multifactor })
      }),
    ),
    'POST /_sandbox/users': withBody(addUsersSchema, (input) => addUsers(tenant, input)),
    'GET /_sandbox/password-hashes': () => ({
      ...ok(passwordHashExport(tenant.users.all())),
      type: 'application/x-ndjson',
    }),
    'PUT /_sandbox/jwks': withBody(jwksSchema, async ({ mode }) => {
      if (mode === 'rotate') await tenant.rotateKey()
      tenant.jwksMode = mode === 'rotate' ? 'normal' : mode
      return ok({ mode, kid: tenant.keys.own.kid })
    }),
    'PUT /_sandbox/log-stream': withBody(logStreamSchema, ({ url, ...stream }) => {
      tenant.logStream.endpoint = url === null ? null : { url, ...stream }
      return ok({ url, format: stream.format })
    }),
    'PUT /_sandbox/tenant': withBody(tenantSchema, (input) =>
      ok(Object.assign(tenant.settings, input)),
    ),
    'GET /_sandbox/tenant': () => ok(tenant.settings),
  }
}

const clientIdOf = ({ client }: { client: 'web' | 'team' }) => auth0Tenant[client].clientId

function forUser(
  tenant: Tenant,
  { email, organization: named }: { email: string; organization?: string },
  answer: (user: User, login: LoginContext) => Promise<ControlAnswer>,
): ControlAnswer | Promise<ControlAnswer> {
  const user = tenant.users.byEmail(email)
  if (!user) return controlError(404, 'user_not_found', `No user has the address ${email}.`)
  const organization = tenant.organizations.find(named)
  if (named !== undefined && !organization) {
    return controlError(404, 'organization_not_found', `There is no organization ${named}.`)
  }
  return answer(user, { organization: organization?.id ?? null, sid: crypto.randomUUID() })
}

function signToken(
  tenant: Tenant,
  claims: object,
  { expiresInSeconds, ...forgery }: Forgery & { expiresInSeconds?: number } = {},
): Promise<string> {
  const exp = tenant.clock.epochSeconds() + (expiresInSeconds ?? 0)
  const changed = expiresInSeconds === undefined ? claims : { ...claims, exp }
  return signJwt(tenant.keys, changed, forgery)
}

/** The refresh token of a login, without the login. */
async function grant(
  app: App,
  tenant: Tenant,
  options: { user: User; login: LoginContext; audience: string; clientId: string },
): Promise<string> {
  const { user, login, audience, clientId } = options
  const provider = app.provider()
  const client = await provider.Client.find(clientId)
  if (!client) throw new Error(`The client ${clientId} is not registered.`)
  const grant = new provider.Grant({ clientId: client.clientId, accountId: user.user_id })
  grant.addOIDCScope(oidcScope)
  if (audience) grant.addResourceScope(audience, oidcScope)
  const grantId = await grant.save()
  tenant.logins.set(grantId, login)
  const token = new provider.RefreshToken({
    client,
    accountId: user.user_id,
    grantId,
    gty: 'authorization_code',
    scope: oidcScope,
    ...(audience && { resource: audience }),
    rotations: 0,
    expiresWithSession: false,
  })
  return token.save()
}
