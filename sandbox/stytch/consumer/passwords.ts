import type {
  PasswordsAuthenticateRequest,
  PasswordsAuthenticateResponse,
  PasswordsCreateRequest,
  PasswordsCreateResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { newId, timestamp } from '../ids.ts'
import { hashPassword } from '../password-hashes/bcrypt.ts'
import type { PasswordHash } from '../password-hashes/password-hash.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { passwordFactor } from './factors.ts'
import { acceptablePassword, breachedPassword } from './password-strength.ts'
import { sessionOptions, startSession } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { addUser, applyProfile, findByEmail, primaryEmail, requireByEmail } from './users.ts'

/** Documented by Stytch: ten failures in a row lock the user for an hour. */
const lock = { failures: 10, milliseconds: 3_600_000 }

/** Stores the hash of the password. The user no longer has to reset it. */
export async function setPassword(record: UserRecord, password: string): Promise<void> {
  setPasswordHash(record, await hashPassword(password))
}

export function setPasswordHash(record: UserRecord, hash: PasswordHash): void {
  const password_id = record.user.password?.password_id ?? newId('password')
  record.passwordHash = hash
  record.user.password = { password_id, requires_reset: false }
  unlock(record)
}

export async function createPassword(
  project: Project,
  sent: Sent<PasswordsCreateRequest>,
): Promise<Answer<PasswordsCreateResponse>> {
  const email = emailAddress(sent.email)
  const options = await sessionOptions(project, sent)
  if (findByEmail(project, email)) throw new ApiError('duplicate_email')
  const password = acceptablePassword(sent.password, email)
  const record = addUser(project, email)
  const { name, trusted_metadata, untrusted_metadata } = sent
  applyProfile(project, record, { name, trusted_metadata, untrusted_metadata })
  await setPassword(record, password)
  const answer = await startSession(project, record, passwordFactor, options)
  return { ...answer, email_id: primaryEmail(record).email_id }
}

export async function authenticatePassword(
  project: Project,
  sent: Sent<PasswordsAuthenticateRequest>,
): Promise<Answer<PasswordsAuthenticateResponse>> {
  const options = await sessionOptions(project, sent)
  const record = requireByEmail(project, sent.email)
  await checkPassword(project, record, sent.password, 'password')
  if (record.user.password?.requires_reset || sent.password === breachedPassword) {
    throw new ApiError('reset_password')
  }
  return startSession(project, record, passwordFactor, options)
}

/** Refuses a wrong password. The tenth in a row locks the user. */
export async function checkPassword(
  project: Project,
  record: UserRecord,
  sent: unknown,
  field: string,
): Promise<void> {
  const password = requiredText(sent, field)
  const now = project.clock.now()
  if (record.user.is_locked) {
    if (now < Date.parse(record.user.lock_expires_at ?? '')) {
      throw new ApiError('user_lock_limit_reached')
    }
    unlock(record)
  }
  if (record.passwordHash === null) throw new ApiError('no_user_password')
  if (await record.passwordHash.matches(password)) {
    record.failures = 0
    return
  }
  record.failures += 1
  if (record.failures >= lock.failures) {
    record.user.is_locked = true
    record.user.lock_created_at = timestamp(now)
    record.user.lock_expires_at = timestamp(now + lock.milliseconds)
  }
  throw new ApiError('unauthorized_credentials')
}

function unlock(record: UserRecord): void {
  record.failures = 0
  record.user.is_locked = false
  delete record.user.lock_created_at
  delete record.user.lock_expires_at
}
