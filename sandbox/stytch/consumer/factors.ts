import type { AuthenticationFactor } from 'stytch'
import type { UserRecord } from './store.ts'
import { primaryEmail } from './users.ts'

/** The authentication factors that a session lists. */

export const passwordFactor: AuthenticationFactor = {
  type: 'password',
  delivery_method: 'knowledge',
}

export const magicLinkFactor = (record: UserRecord): AuthenticationFactor => ({
  type: 'magic_link',
  delivery_method: 'email',
  email_factor: emailFactor(record),
})

export const emailCodeFactor = (record: UserRecord): AuthenticationFactor => ({
  type: 'otp',
  delivery_method: 'email',
  email_factor: emailFactor(record),
})

export const phoneCodeFactor = (phone_id: string, phone_number: string): AuthenticationFactor => ({
  type: 'otp',
  delivery_method: 'sms',
  phone_number_factor: { phone_id, phone_number },
})

export const embeddedLinkFactor = (token: string): AuthenticationFactor => ({
  type: 'magic_link',
  delivery_method: 'embedded',
  embeddable_magic_link_factor: { embedded_id: token.slice(0, 8) },
})

function emailFactor(record: UserRecord) {
  const { email_id, email } = primaryEmail(record)
  return { email_id, email_address: email }
}
