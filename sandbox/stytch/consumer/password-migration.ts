import type { PasswordsMigrateRequest, PasswordsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { setPasswordHash } from './passwords.ts'
import { addUser, applyProfile, findByEmail, freeExternalId, primaryEmail } from './users.ts'

const migratable = [
  'bcrypt',
  'md_5',
  'argon_2i',
  'argon_2id',
  'sha_1',
  'sha_512',
  'scrypt',
  'phpass',
  'pbkdf_2',
]

/** Imports a password hash for a user without a password. Creates the user when there is none. */
export function migratePassword(
  project: Project,
  sent: Sent<PasswordsMigrateRequest>,
): Answer<PasswordsMigrateResponse> {
  const email = emailAddress(sent.email)
  const hash = bcryptHash(sent)
  if (sent.phone_number) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in has no phone numbers.')
  }
  const known = findByEmail(project, email)
  if (known && known.passwordHash !== null) throw new ApiError('password_already_exists')
  if (!known) freeExternalId(project, sent.external_id)

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
  if (sent.set_email_verified === true) primaryEmail(record).verified = true
  setPasswordHash(record, hash)
  const { user } = record
  const { email_id } = primaryEmail(record)
  return { user_id: user.user_id, email_id, user_created: !known, user }
}

export function bcryptHash(sent: { hash?: unknown; hash_type?: unknown }): string {
  const type = requiredText(sent.hash_type, 'hash_type')
  if (!migratable.includes(type)) throw new ApiError('invalid_hash_type')
  if (type !== 'bcrypt') {
    const message = `The stand-in imports only bcrypt hashes. Stytch also imports ${type}.`
    throw new ApiError('stand_in_not_implemented', message)
  }
  const hash = requiredText(sent.hash, 'hash')
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash)
  if (!match) throw new ApiError('invalid_bcrypt_hash')
  const cost = Number(match[1])
  if (cost < 4 || cost > 31) throw new ApiError('invalid_bcrypt_cost')
  return hash
}
