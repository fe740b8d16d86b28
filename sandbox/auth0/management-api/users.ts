import type { Management } from 'auth0'
import { z } from 'zod'
import { auth0Tenant } from '../../settings.ts'
import { emailPattern } from '../../stand-in/email-address.ts'
import { hashNewPassword } from '../password-policy.ts'
import { replacePassword } from '../replace-password.ts'
import type { Tenant } from '../tenant.ts'
import { mailVerification } from '../ticket-mails.ts'
import type { User } from '../users.ts'
import { badRequest, conflict, userNotFound, weakPassword } from './errors.ts'

const metadata = z.record(z.string(), z.unknown())
const profile = {
  email: z.string().regex(emailPattern),
  email_verified: z.boolean().optional(),
  verify_email: z.boolean().optional(),
  password: z.string().min(1).max(72).optional(),
  name: z.string().min(1).max(300).optional(),
  nickname: z.string().min(1).max(300).optional(),
  given_name: z.string().min(1).max(150).optional(),
  family_name: z.string().min(1).max(150).optional(),
  picture: z.url().optional(),
  blocked: z.boolean().optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
}
export const createSchema = z.strictObject({
  ...profile,
  connection: z.string(),
  user_id: z.string().min(1).max(255).optional(),
})
export const updateSchema = z.strictObject({
  ...profile,
  email: profile.email.optional(),
  connection: z.string().optional(),
  client_id: z.string().optional(),
})

export function requireUser(tenant: Tenant, id: string): User {
  const user = tenant.users.byId(id)
  if (!user) throw userNotFound()
  return user
}

export async function createUser(
  tenant: Tenant,
  input: z.infer<typeof createSchema>,
): Promise<User> {
  const { connection, user_id, verify_email, password, ...rest } = input
  if (connection !== auth0Tenant.connection) {
    throw badRequest('The connection does not exist.', 'inexistent_connection')
  }
  if (password === undefined) {
    throw badRequest("Payload validation error: 'Missing required property: password'.")
  }
  const passwordHash = await hashNewPassword(tenant, password)
  if (passwordHash === null) throw weakPassword()
  // The check comes after the slow hash. Otherwise two concurrent requests would both pass it.
  const id = user_id === undefined ? undefined : `auth0|${user_id}`
  if (tenant.users.byEmail(rest.email) || (id && tenant.users.byId(id))) throw conflict()
  const user = tenant.users.add({ ...rest, user_id: id, passwordHash })
  if (verify_email ?? !user.email_verified) mailVerification(tenant, user)
  return user
}

export async function updateUser(
  tenant: Tenant,
  user: User,
  input: z.infer<typeof updateSchema>,
): Promise<User> {
  const { connection, client_id, verify_email, password, app_metadata, user_metadata, ...rest } =
    input
  const email = rest.email?.toLowerCase()
  if (password !== undefined && (email !== undefined || rest.email_verified !== undefined)) {
    const field = email === undefined ? 'email_verified' : 'email'
    throw badRequest(`Cannot update password and ${field} simultaneously`)
  }
  const holder = email === undefined ? undefined : tenant.users.byEmail(email)
  if (holder && holder !== user) {
    throw badRequest('The specified new email already exists', 'auth0_idp_error')
  }
  const passwordHash = password === undefined ? '' : await hashNewPassword(tenant, password)
  if (passwordHash === null) throw weakPassword()
  const emailChanged = email !== undefined && email !== user.email
  tenant.users.update(user, {
    ...rest,
    email,
    email_verified: rest.email_verified ?? (emailChanged ? false : undefined),
    app_metadata: merged(user.app_metadata, app_metadata),
    user_metadata: merged(user.user_metadata, user_metadata),
  })
  if (passwordHash) replacePassword(tenant, user, passwordHash)
  if (rest.blocked) tenant.oidcStore.endSessions(user.user_id)
  if (verify_email) mailVerification(tenant, user)
  return user
}

/** Auth0 merges the first level of metadata. Null removes a key. */
function merged(current: Record<string, unknown>, changes: Record<string, unknown> | undefined) {
  if (!changes) return undefined
  const all = Object.entries({ ...current, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== null))
}

/** The user as the API returns it. */
export function toResponse(user: User) {
  const { passwordHash, ...visible } = user
  return { ...visible, identities: [identityOf(user)] }
}

function identityOf({ user_id }: User) {
  const [provider = ''] = user_id.split('|', 1)
  const isSocial = provider !== 'auth0'
  return {
    connection: isSocial ? provider : auth0Tenant.connection,
    user_id: user_id.slice(provider.length + 1),
    provider: provider as Management.UserIdentityProviderEnum,
    isSocial,
  }
}
