import { z } from 'zod'
import { auth0Tenant, organizations } from '../settings.ts'
import {
  CONTROL_PREFIX,
  type ControlAnswer,
  type ControlRequest,
  controlError,
  handleControl,
  parseControlBody,
  sharedControlRoutes,
  unknownControlRoute,
} from '../stand-in/control.ts'
import { signJwt } from './keys.ts'
import type { LoginContext, Tenant } from './tenant.ts'
import { accessTokenClaims, idTokenClaims, machineTokenClaims, oidcScope } from './tokens.ts'

const routes = [
  'POST /_sandbox/token',
  'POST /_sandbox/id-token',
  'POST /_sandbox/machine-token',
  'POST /_sandbox/refresh-token',
  'PUT /_sandbox/jwks',
  'GET /_sandbox/tenant',
  'PUT /_sandbox/tenant',
]

/** How a token differs from a good one. */
const forgery = {
  /** Merged over the claims; null removes one. */
  claims: z.record(z.string(), z.unknown()).optional(),
  /** The same for the header; `alg` decides how it is signed. */
  header: z.record(z.string(), z.unknown()).optional(),
  signWith: z.enum(['own', 'stranger']).optional(),
  /** Negative: already expired. */
  expiresInSeconds: z.number().optional(),
}
const organization = z.enum(Object.keys(organizations) as [keyof typeof organizations]).optional()
const personTokenSchema = z.strictObject({ email: z.string(), organization, ...forgery })
const machineTokenSchema = z.strictObject({ audience: z.string().optional(), ...forgery })
const refreshTokenSchema = z.strictObject({ email: z.string(), organization })
const jwksSchema = z.strictObject({ mode: z.enum(['normal', 'rotate', 'empty', 'error', 'slow']) })
const tenantSchema = z.strictObject({
  accessTokenSeconds: z.int().min(1).optional(),
  rotationOverlapSeconds: z.int().min(0).optional(),
})

/** Answers every request under `/_sandbox/`; null for all others. */
export async function controlRoutes(
  tenant: Tenant,
  request: ControlRequest,
): Promise<ControlAnswer | null> {
  if (!request.path.startsWith(CONTROL_PREFIX)) return null
  const shared = await handleControl(tenant.control, request)
  if (shared) return shared

  switch (`${request.method} ${request.path}`) {
    case 'POST /_sandbox/token':
    case 'POST /_sandbox/id-token': {
      const input = parseControlBody(personTokenSchema, request.body)
      if (!input.ok) return input.answer
      const user = tenant.users.byEmail(input.value.email)
      if (!user) return noSuchUser(input.value.email)
      const login = loginOf(input.value.organization)
      if (request.path.endsWith('/id-token')) {
        const id_token = await mint(tenant, idTokenClaims(tenant, user, login), input.value)
        return { status: 200, body: { id_token } }
      }
      const access_token = await mint(tenant, accessTokenClaims(tenant, user, login), input.value)
      return { status: 200, body: { access_token } }
    }
    case 'POST /_sandbox/machine-token': {
      const input = parseControlBody(machineTokenSchema, request.body)
      if (!input.ok) return input.answer
      const claims = machineTokenClaims(tenant, input.value.audience ?? auth0Tenant.audience)
      return { status: 200, body: { access_token: await mint(tenant, claims, input.value) } }
    }
    case 'POST /_sandbox/refresh-token': {
      const input = parseControlBody(refreshTokenSchema, request.body)
      if (!input.ok) return input.answer
      return refreshToken(tenant, input.value)
    }
    case 'PUT /_sandbox/jwks': {
      const input = parseControlBody(jwksSchema, request.body)
      if (!input.ok) return input.answer
      const { mode } = input.value
      if (mode === 'rotate') await tenant.rotateKey()
      tenant.jwksMode = mode === 'rotate' ? 'normal' : mode
      return { status: 200, body: { mode, kid: tenant.key.kid } }
    }
    case 'PUT /_sandbox/tenant': {
      const input = parseControlBody(tenantSchema, request.body)
      if (!input.ok) return input.answer
      Object.assign(tenant.settings, input.value)
      return { status: 200, body: tenant.settings }
    }
    case 'GET /_sandbox/tenant':
      return { status: 200, body: tenant.settings }
    default:
      return unknownControlRoute(request, [...sharedControlRoutes, ...routes])
  }
}

const noSuchUser = (email: string) =>
  controlError(404, 'user_not_found', `No user has the address ${email}.`)

const loginOf = (slug: LoginContext['organization'] | undefined): LoginContext => ({
  organization: slug ?? null,
  sid: crypto.randomUUID(),
})

type Forgery = {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  signWith?: 'own' | 'stranger'
  expiresInSeconds?: number
}

async function mint(tenant: Tenant, claims: object, changes: Forgery): Promise<string> {
  const key = changes.signWith === 'stranger' ? await tenant.strangerKey() : tenant.key
  const { expiresInSeconds } = changes
  const expiry =
    expiresInSeconds === undefined
      ? {}
      : { exp: tenant.control.clock.epochSeconds() + expiresInSeconds }
  const header = { alg: 'RS256', typ: 'JWT', kid: tenant.key.kid }
  return signJwt(key, {
    header: changed(header, changes.header),
    payload: changed({ ...claims, ...expiry }, changes.claims),
  })
}

function changed(base: object, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const all = Object.entries({ ...base, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== null))
}

/** The tokens of a login at the web client, without the login. */
async function refreshToken(
  tenant: Tenant,
  input: z.infer<typeof refreshTokenSchema>,
): Promise<ControlAnswer> {
  const user = tenant.users.byEmail(input.email)
  if (!user) return noSuchUser(input.email)
  const { provider } = tenant
  const client = await provider.Client.find(auth0Tenant.web.clientId)
  if (!client) throw new Error('The web client is not registered.')

  const login = loginOf(input.organization)
  const grant = new provider.Grant({ clientId: client.clientId, accountId: user.user_id })
  grant.addOIDCScope(oidcScope)
  grant.addResourceScope(auth0Tenant.audience, oidcScope)
  const grantId = await grant.save()
  tenant.logins.set(grantId, login)
  const token = new provider.RefreshToken({
    client,
    accountId: user.user_id,
    grantId,
    gty: 'authorization_code',
    scope: oidcScope,
    resource: auth0Tenant.audience,
    rotations: 0,
    expiresWithSession: false,
  })
  return {
    status: 200,
    body: {
      refresh_token: await token.save(),
      access_token: await mint(tenant, accessTokenClaims(tenant, user, login), {}),
      id_token: await mint(tenant, idTokenClaims(tenant, user, login), {}),
      expires_in: tenant.settings.accessTokenSeconds,
    },
  }
}
