import type {
  User,
  UsersExchangePrimaryFactorRequest,
  UsersExchangePrimaryFactorResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { stableId } from '../ids.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, optionalText, type Sent } from '../request-fields.ts'
import { freePhoneNumber, setPhoneNumber } from './phone-numbers.ts'
import { findByEmail, requireUser } from './users.ts'

/** Replaces the only address or phone number of a user. The new one is not verified, and the password stays. */
export function exchangePrimaryFactor(
  project: Project,
  sent: Sent<UsersExchangePrimaryFactorRequest>,
): Answer<UsersExchangePrimaryFactorResponse> {
  const { user } = requireUser(project, sent.user_id)
  const address = optionalText(sent.email_address, 'email_address')
  const phone = optionalText(sent.phone_number, 'phone_number')
  if ((address === undefined) === (phone === undefined)) {
    throw new ApiError('invalid_exchange_primary_factor_fields')
  }
  if (factorsOf(user) !== 1) throw new ApiError('invalid_exchange_primary_factor_user')
  const email = address && emailAddress(address)
  const holder = email ? findByEmail(project, email) : undefined
  if (holder && holder.user !== user) throw new ApiError('duplicate_email')
  const number = freePhoneNumber(project, phone)
  // A code that was mailed to the old address must not work any more.
  for (const { email_id } of user.emails) project.consumer.codes.delete(email_id)
  user.emails = email ? [{ email_id: stableId('email', email), email, verified: false }] : []
  user.phone_numbers = []
  if (number) setPhoneNumber(user, number, false)
  project.webhooks.userChanged('UPDATE', user)
  return { user_id: user.user_id, user }
}

/** A password is no factor of its own here, because it belongs to the address. */
const factorsOf = (user: User): number =>
  [
    user.emails,
    user.phone_numbers,
    user.providers,
    user.totps,
    user.webauthn_registrations,
    user.biometric_registrations,
    user.crypto_wallets,
  ].flat().length
