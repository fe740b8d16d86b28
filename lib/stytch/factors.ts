import { z } from 'zod'
import { normalizedEmail } from '../account/email-address'

/** How the user authenticated a session. */
export type SessionFactors = {
  /** The addresses to which the codes and links of this session were mailed. The holder of the session has read them. */
  emails: string[]
  hasPassword: boolean
  /** Whether our backend carried this session over from the legacy provider. */
  isImported: boolean
  /** Every id that a factor names: of an address, a phone number, a passkey, an OAuth registration. */
  ids: string[]
}

/** A factor also has one object with a name of its own, such as `email_factor` or `webauthn_factor`. */
const factor = z.looseObject({ type: z.string().catch(''), delivery_method: z.string().catch('') })
const emailFactor = z.object({ email_factor: z.object({ email_address: z.string() }) })

/**
 * The factors of a session. A malformed one proves nothing.
 * https://stytch.com/docs/api/session-object
 */
export const sessionFactors = z
  .array(factor)
  .catch([])
  .transform(
    (factors): SessionFactors => ({
      // The address of a mailed code counts, and not that a code was mailed: an attacker may have added an own address.
      emails: factors
        .filter(({ delivery_method }) => delivery_method === 'email')
        .flatMap((each) => emailFactor.safeParse(each).data?.email_factor.email_address ?? [])
        .map(normalizedEmail),
      hasPassword: factors.some(({ type }) => type === 'password'),
      isImported: factors.some(({ type }) => type === 'imported'),
      ids: factors.flatMap((each) =>
        Object.values(each).flatMap((value) =>
          typeof value === 'object' && value !== null ? Object.values(value).filter(isText) : [],
        ),
      ),
    }),
  )

const isText = (value: unknown): value is string => typeof value === 'string'
