import type { User } from 'stytch'
import { ApiError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Project } from '../project.ts'
import { optionalText } from '../request-fields.ts'

/**
 * Refuses a phone number that is malformed, that another user has, or that comes on top of another number.
 * @param owner the user who may keep the number
 */
export function freePhoneNumber(project: Project, sent: unknown, owner?: User): string | undefined {
  const phoneNumber = optionalText(sent, 'phone_number')
  if (phoneNumber === undefined) return undefined
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) throw new ApiError('invalid_phone_number')
  for (const { user } of project.consumer.users.values()) {
    if (user !== owner && hasPhoneNumber(user, phoneNumber)) {
      throw new ApiError('duplicate_phone_number')
    }
  }
  if (owner && owner.phone_numbers.length > 0 && !hasPhoneNumber(owner, phoneNumber)) {
    throw new ApiError('duplicate_phone_number_for_user')
  }
  return phoneNumber
}

const hasPhoneNumber = (user: User, phoneNumber: string): boolean =>
  user.phone_numbers.some(({ phone_number }) => phone_number === phoneNumber)

/** A number that the user has already can become verified, and never unverified. */
export function setPhoneNumber(user: User, phone_number: string, verified: boolean): void {
  const known = user.phone_numbers.find((entry) => entry.phone_number === phone_number)
  if (known) known.verified ||= verified
  else user.phone_numbers.push({ phone_id: newId('phone-number'), phone_number, verified })
}
