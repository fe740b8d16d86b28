import type {
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
import type { Project } from '../project.ts'
import { type Answer, emailAddress, optionalText, type Sent } from '../request-fields.ts'
import { freePhoneNumber, setPhoneNumber } from './phone-numbers.ts'
import { revokeSessions } from './sessions.ts'
import { addUser, applyProfile, freeExternalId, requireUser } from './users.ts'

export function createUser(
  project: Project,
  sent: Sent<UsersCreateRequest>,
): Answer<UsersCreateResponse> {
  const phoneNumber = freePhoneNumber(project, sent.phone_number)
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
  if (phoneNumber) setPhoneNumber(user, phoneNumber, false)
  if (sent.create_user_as_pending === true) user.status = 'pending'
  return {
    user_id: user.user_id,
    email_id: user.emails[0]?.email_id ?? '',
    status: user.status,
    phone_id: user.phone_numbers[0]?.phone_id ?? '',
    user,
  }
}

/** The fields are not wrapped in `user`, as in the real API. */
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
  project.webhooks.userChanged('UPDATE', user)
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
  const { users, links, codes } = project.consumer
  users.delete(user.user_id)
  project.webhooks.userChanged('DELETE', user)
  revokeSessions(project, user.user_id)
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
  project.webhooks.userChanged('UPDATE', user)
  return { user_id: user.user_id, user }
}
