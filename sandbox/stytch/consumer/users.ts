import type {
  User,
  UsersCreateRequest,
  UsersCreateResponse,
  UsersDeleteExternalIdRequest,
  UsersDeleteExternalIdResponse,
  UsersDeleteRequest,
  UsersDeleteResponse,
  UsersGetRequest,
  UsersGetResponse,
  UsersUpdateRequest,
  UsersUpdateResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Project } from '../project.ts'
import {
  type Answer,
  emailAddress,
  mergeDeleting,
  optionalObject,
  optionalText,
  requiredText,
  type Sent,
} from '../request-fields.ts'
import { tellWebhook } from '../webhooks.ts'
import { emptyUser, type UserRecord } from './store.ts'

/** The user with this e-mail address (in lower case), if there is one. */
export function findByEmail(project: Project, email: string): UserRecord | undefined {
  for (const record of project.consumer.users.values()) {
    if (record.user.emails.some((entry) => entry.email === email)) return record
  }
  return undefined
}

/** The user with this Stytch id or, as the real API allows everywhere, this external id. */
export function findUser(project: Project, id: string): UserRecord | undefined {
  const { users, sandboxUser } = project.consumer
  const byId = users.get(id) ?? (sandboxUser.user.user_id === id ? sandboxUser : undefined)
  return byId ?? [...users.values()].find(({ user }) => user.external_id === id)
}

export function requireUser(project: Project, id: unknown): UserRecord {
  const record = findUser(project, requiredText(id, 'user_id'))
  if (!record) throw new ApiError('user_not_found')
  return record
}

export function requireByEmail(project: Project, email: unknown): UserRecord {
  const record = findByEmail(project, emailAddress(email))
  if (!record) throw new ApiError('email_not_found')
  return record
}

/** The user's first address; every user of the consumer part that signs in has one. */
export function primaryEmail({ user }: UserRecord): User['emails'][number] {
  const [email] = user.emails
  if (!email) throw new ApiError('email_not_found')
  return email
}

/** Adds a user; the address must be free. */
export function addUser(project: Project, email: string | undefined): UserRecord {
  if (email && findByEmail(project, email)) throw new ApiError('duplicate_email')
  const now = project.control.clock.now()
  const record = emptyUser({ userId: newId('user'), email, now })
  project.consumer.users.set(record.user.user_id, record)
  tellWebhook(project, 'CREATE', record.user)
  return record
}

/** The charset that Stytch takes; `owner` may keep its own id. */
export function freeExternalId(project: Project, sent: unknown, owner?: User): string | undefined {
  const externalId = optionalText(sent, 'external_id')
  if (externalId === undefined) return undefined
  if (!/^[A-Za-z0-9._|-]{1,128}$/.test(externalId)) throw new ApiError('invalid_external_id')
  for (const { user } of project.consumer.users.values()) {
    if (user !== owner && user.external_id === externalId) {
      throw new ApiError('duplicate_user_external_id')
    }
  }
  return externalId
}

type Profile = Pick<
  UsersUpdateRequest,
  'name' | 'trusted_metadata' | 'untrusted_metadata' | 'external_id' | 'roles'
>

/** Validates all of it before it changes any of it. */
export function applyProfile(project: Project, { user }: UserRecord, sent: Sent<Profile>): void {
  const externalId = freeExternalId(project, sent.external_id, user)
  const name = optionalObject(sent.name, 'name')
  const trusted = optionalObject(sent.trusted_metadata, 'trusted_metadata')
  const untrusted = optionalObject(sent.untrusted_metadata, 'untrusted_metadata')
  const roles = sent.roles
  if (roles !== undefined && !(Array.isArray(roles) && roles.every(isText))) {
    throw new ApiError('bad_request', '"roles" must be a list of strings.')
  }
  if (externalId) user.external_id = externalId
  if (name) user.name = { ...user.name, ...name }
  if (trusted) user.trusted_metadata = mergeDeleting(user.trusted_metadata ?? {}, trusted)
  if (untrusted) user.untrusted_metadata = mergeDeleting(user.untrusted_metadata ?? {}, untrusted)
  if (roles) user.roles = [...new Set(['stytch_user', ...roles])]
}

const isText = (value: unknown): value is string => typeof value === 'string'

export function createUser(
  project: Project,
  sent: Sent<UsersCreateRequest>,
): Answer<UsersCreateResponse> {
  if (sent.phone_number) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in keeps no phone numbers.')
  }
  const email = optionalText(sent.email, 'email')
  freeExternalId(project, sent.external_id)
  const record = addUser(project, email && emailAddress(email))
  try {
    applyProfile(project, record, sent)
  } catch (error) {
    project.consumer.users.delete(record.user.user_id)
    throw error
  }
  const { user } = record
  if (sent.create_user_as_pending === true) user.status = 'pending'
  return {
    user_id: user.user_id,
    email_id: user.emails[0]?.email_id ?? '',
    status: user.status,
    phone_id: '',
    user,
  }
}

/** Answers flat, not under `user`, as the real one does. */
export function getUser(project: Project, sent: Sent<UsersGetRequest>): Answer<UsersGetResponse> {
  return { ...requireUser(project, sent.user_id).user }
}

export function updateUser(
  project: Project,
  sent: Sent<UsersUpdateRequest>,
): Answer<UsersUpdateResponse> {
  const record = requireUser(project, sent.user_id)
  applyProfile(project, record, sent)
  const { user } = record
  tellWebhook(project, 'UPDATE', user)
  return {
    user_id: user.user_id,
    emails: user.emails,
    phone_numbers: user.phone_numbers,
    crypto_wallets: user.crypto_wallets,
    user,
  }
}

export function deleteUser(
  project: Project,
  sent: Sent<UsersDeleteRequest>,
): Answer<UsersDeleteResponse> {
  const { user } = requireUser(project, sent.user_id)
  const { users, sessions, links, codes } = project.consumer
  users.delete(user.user_id)
  tellWebhook(project, 'DELETE', user)
  for (const [id, { session }] of sessions)
    if (session.user_id === user.user_id) sessions.delete(id)
  for (const [token, link] of links) if (link.userId === user.user_id) links.delete(token)
  for (const [id, code] of codes) if (code.userId === user.user_id) codes.delete(id)
  return { user_id: user.user_id }
}

export function deleteExternalId(
  project: Project,
  sent: Sent<UsersDeleteExternalIdRequest>,
): Answer<UsersDeleteExternalIdResponse> {
  const { user } = requireUser(project, sent.user_id)
  delete user.external_id
  tellWebhook(project, 'UPDATE', user)
  return { user_id: user.user_id, user }
}
