import type { AuthenticationFactor } from 'stytch'
import { stableId } from '../ids.ts'

/** A member has one address, and the id of the address does not show in the member. */
export const emailId = (email: string): string => stableId('email', email)

export const magicLinkFactor = (email: string): AuthenticationFactor => ({
  type: 'magic_link',
  delivery_method: 'email',
  email_factor: { email_id: emailId(email), email_address: email },
})

export const emailCodeFactor = (email: string): AuthenticationFactor => ({
  type: 'email_otp',
  delivery_method: 'email',
  email_factor: { email_id: emailId(email), email_address: email },
})
