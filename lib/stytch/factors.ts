import { z } from 'zod'
import { normalizedEmail } from '../account/email-address'

/** How the user authenticated a session. */
export type SessionFactors = {
  /**
   * The address to which every code and link of this session was mailed. Empty for a session with any other factor:
   * somebody else may have begun it and planted its cookie, and would share whatever it proves.
   */
  emails: string[]
  hasPassword: boolean
  /** Whether our backend carried this session over from the legacy provider. */
  isImported: boolean
  /** How many times somebody authenticated in this session. */
  count: number
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
      emails: mailedAddress(factors),
      hasPassword: factors.some(({ type }) => type === 'password'),
      isImported: factors.some(({ type }) => type === 'imported'),
      count: factors.length,
      ids: factors.flatMap((each) =>
        Object.values(each).flatMap((value) =>
          typeof value === 'object' && value !== null ? Object.values(value).filter(isText) : [],
        ),
      ),
    }),
  )

function mailedAddress(factors: z.output<typeof factor>[]): string[] {
  // The address of a mailed code counts, and not that a code was mailed: an attacker may have added an own address.
  const addresses = factors.map((each) => {
    const { email_address: email } = emailFactor.safeParse(each).data?.email_factor ?? {}
    return each.delivery_method === 'email' && email ? normalizedEmail(email) : null
  })
  const [address = null] = addresses
  return address !== null && addresses.every((each) => each === address) ? [address] : []
}

const isText = (value: unknown): value is string => typeof value === 'string'
