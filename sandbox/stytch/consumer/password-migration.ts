import type { PasswordsMigrateRequest, PasswordsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import { readHash } from '../password-hashes/read-hash.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, type Sent } from '../request-fields.ts'
import { setPasswordHash } from './passwords.ts'
import { freePhoneNumber, setPhoneNumber } from './phone-numbers.ts'
import { addUser, applyProfile, findByEmail, freeExternalId, primaryEmail } from './users.ts'

/** Imports a password hash for a user without a password. Creates the user when there is none. */
export function migratePassword(
  project: Project,
  sent: Sent<PasswordsMigrateRequest>,
): Answer<PasswordsMigrateResponse> {
  const email = emailAddress(sent.email)
  const hash = readHash(sent)
  const known = findByEmail(project, email)
  if (known && known.passwordHash !== null) throw new ApiError('password_already_exists')
  if (!known) freeExternalId(project, sent.external_id)
  const phoneNumber = freePhoneNumber(project, sent.phone_number, known?.user)

  const record = known ?? addUser(project, email)
  const { name, trusted_metadata, untrusted_metadata, roles } = sent
  const profile = { name, trusted_metadata, untrusted_metadata, roles }
  try {
    // Documented by Stytch: only a new user gets the external id.
    applyProfile(project, record, known ? profile : { ...profile, external_id: sent.external_id })
  } catch (error) {
    if (!known) project.consumer.users.delete(record.user.user_id)
    throw error
  }
  if (phoneNumber) {
    setPhoneNumber(record.user, phoneNumber, sent.set_phone_number_verified === true)
  }
  if (sent.set_email_verified === true) primaryEmail(record).verified = true
  setPasswordHash(record, hash)
  const { user } = record
  const { email_id } = primaryEmail(record)
  return { user_id: user.user_id, email_id, user_created: !known, user }
}
