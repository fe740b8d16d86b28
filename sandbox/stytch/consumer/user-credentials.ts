import type {
  User,
  UsersDeleteBiometricRegistrationRequest,
  UsersDeleteCryptoWalletRequest,
  UsersDeleteEmailRequest,
  UsersDeleteEmailResponse,
  UsersDeleteOAuthRegistrationRequest,
  UsersDeletePasswordRequest,
  UsersDeletePhoneNumberRequest,
  UsersDeleteTOTPRequest,
  UsersDeleteWebAuthnRegistrationRequest,
} from 'stytch'
import { ApiError, type ErrorType } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import type { UserRecord } from './store.ts'

/** The calls that remove one way to sign in. All answer the user without it. */
type UserAnswer = Answer<UsersDeleteEmailResponse>

type Lists = {
  emails: User['emails']
  phone_numbers: User['phone_numbers']
  totps: User['totps']
  providers: User['providers']
  webauthn_registrations: User['webauthn_registrations']
  biometric_registrations: User['biometric_registrations']
  crypto_wallets: User['crypto_wallets']
}

/** Removes the entry with this id from a list of the user who has it. */
function removeEntry(
  project: Project,
  list: keyof Lists,
  field: string,
  sent: unknown,
  error: ErrorType,
): UserAnswer {
  const id = requiredText(sent, field)
  for (const { user } of project.consumer.users.values()) {
    const entries = user[list] as unknown as Record<string, unknown>[]
    const index = entries.findIndex((entry) => entry[field] === id)
    if (index === -1) continue
    entries.splice(index, 1)
    return changed(project, user)
  }
  throw new ApiError(error)
}

function changed(project: Project, user: User): UserAnswer {
  project.webhooks.userChanged('UPDATE', user)
  return { user_id: user.user_id, user }
}

/** A code that was mailed to the address stops working. */
export function deleteEmail(project: Project, sent: Sent<UsersDeleteEmailRequest>): UserAnswer {
  const answer = removeEntry(project, 'emails', 'email_id', sent.email_id, 'email_not_found')
  project.consumer.codes.delete(String(sent.email_id))
  return answer
}

export const deletePhoneNumber = (
  project: Project,
  sent: Sent<UsersDeletePhoneNumberRequest>,
): UserAnswer =>
  removeEntry(project, 'phone_numbers', 'phone_id', sent.phone_id, 'phone_number_not_found')

export const deleteTotp = (project: Project, sent: Sent<UsersDeleteTOTPRequest>): UserAnswer =>
  removeEntry(project, 'totps', 'totp_id', sent.totp_id, 'totp_not_found')

export const deleteOAuthRegistration = (
  project: Project,
  sent: Sent<UsersDeleteOAuthRegistrationRequest>,
): UserAnswer =>
  removeEntry(
    project,
    'providers',
    'oauth_user_registration_id',
    sent.oauth_user_registration_id,
    'oauth_user_registration_not_found',
  )

export const deleteWebAuthnRegistration = (
  project: Project,
  sent: Sent<UsersDeleteWebAuthnRegistrationRequest>,
): UserAnswer =>
  removeEntry(
    project,
    'webauthn_registrations',
    'webauthn_registration_id',
    sent.webauthn_registration_id,
    'webauthn_registration_not_found',
  )

export const deleteBiometricRegistration = (
  project: Project,
  sent: Sent<UsersDeleteBiometricRegistrationRequest>,
): UserAnswer =>
  removeEntry(
    project,
    'biometric_registrations',
    'biometric_registration_id',
    sent.biometric_registration_id,
    'biometric_registration_not_found',
  )

export const deleteCryptoWallet = (
  project: Project,
  sent: Sent<UsersDeleteCryptoWalletRequest>,
): UserAnswer =>
  removeEntry(
    project,
    'crypto_wallets',
    'crypto_wallet_id',
    sent.crypto_wallet_id,
    'crypto_wallet_not_found',
  )

export function deletePassword(
  project: Project,
  sent: Sent<UsersDeletePasswordRequest>,
): UserAnswer {
  const id = requiredText(sent.password_id, 'password_id')
  const isOwner = ({ user }: UserRecord) => user.password?.password_id === id
  const record = [...project.consumer.users.values()].find(isOwner)
  if (!record) throw new ApiError('password_not_found')
  record.passwordHash = null
  delete record.user.password
  return changed(project, record.user)
}
