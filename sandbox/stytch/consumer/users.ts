import type { User, UsersUpdateRequest } from 'stytch'
import { ApiError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Project } from '../project.ts'
import {
  emailAddress,
  mergeDeleting,
  optionalObject,
  optionalText,
  requiredText,
  type Sent,
} from '../request-fields.ts'
import { emptyUser, type UserRecord } from './store.ts'

/** @param email in lower case */
export function findByEmail(project: Project, email: string): UserRecord | undefined {
  for (const record of project.consumer.users.values()) {
    if (record.user.emails.some((entry) => entry.email === email)) return record
  }
  return undefined
}

/** The user with this Stytch id or external id. The real API accepts both everywhere. */
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

export function primaryEmail({ user }: UserRecord): User['emails'][number] {
  const [email] = user.emails
  if (!email) throw new ApiError('email_not_found')
  return email
}

/** The address must be free. */
export function addUser(project: Project, email: string | undefined): UserRecord {
  if (email && findByEmail(project, email)) throw new ApiError('duplicate_email')
  const record = emptyUser({ userId: newId('user'), email, now: project.clock.now() })
  project.consumer.users.set(record.user.user_id, record)
  project.webhooks.userChanged('CREATE', record.user)
  return record
}

/** The first half of every `login_or_create`: the user who gets the mail, within the rate limit. */
export function findOrAddUser(
  project: Project,
  sent: { email?: unknown; create_user_as_pending?: unknown },
): { record: UserRecord; isNew: boolean } {
  const address = emailAddress(sent.email)
  project.rateLimits.mail(address)
  const known = findByEmail(project, address)
  if (known) return { record: known, isNew: false }
  const record = addUser(project, address)
  if (sent.create_user_as_pending === true) record.user.status = 'pending'
  return { record, isNew: true }
}

/** Refuses an external id that is malformed or taken. @param owner the user who may keep it */
export function freeExternalId(project: Project, sent: unknown, owner?: User): string | undefined {
  const externalId = optionalText(sent, 'external_id')
  if (externalId === undefined) return undefined
  if (!/^[A-Za-z0-9._|-]{1,128}$/.test(externalId)) {
    const message = '"external_id" may hold letters, digits and . _ - |, and at most 128 of them.'
    throw new ApiError('bad_request', message)
  }
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

/** Validates every field before it changes the first. */
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
