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
  /** How many times somebody authenticated in this session, without the second factors of a member. */
  count: number
  /** Every id that a factor names: of an address, a phone number, a passkey, an OAuth registration. */
  ids: string[]
}

/** A factor also has one object with a name of its own, such as `email_factor` or `webauthn_factor`. */
const factor = z.looseObject({ type: z.string().catch(''), delivery_method: z.string().catch('') })
const emailFactor = z.object({ email_factor: z.object({ email_address: z.string() }) })

type Factor = z.output<typeof factor>
const factors = z.array(factor).catch([])

/**
 * The factors of a session. A malformed one proves nothing.
 * https://stytch.com/docs/api/session-object
 */
export const sessionFactors = factors.transform((all) => factorsOf(all, all))

/**
 * The factors of a member's session. The B2B API takes a second factor only after a first one. So nobody can begin a
 * session with it, and it takes nothing from what the first one proves.
 */
export const memberSessionFactors = factors.transform((all) =>
  factorsOf(
    all,
    all.filter((each) => !isSecondFactor(each)),
  ),
)

const isSecondFactor = ({ type, delivery_method }: Factor): boolean =>
  type === 'totp' || type === 'recovery_codes' || (type === 'otp' && delivery_method === 'sms')

/** @param counted the factors with which somebody may have begun the session */
const factorsOf = (all: Factor[], counted: Factor[]): SessionFactors => ({
  emails: mailedAddress(counted),
  hasPassword: all.some(({ type }) => type === 'password'),
  isImported: all.some(({ type }) => type === 'imported'),
  count: counted.length,
  ids: all.flatMap((each) =>
    Object.values(each).flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value).filter(isText) : [],
    ),
  ),
})

function mailedAddress(factors: Factor[]): string[] {
  // The address of a mailed code counts, and not that a code was mailed: an attacker may have added an own address.
  const addresses = factors.map((each) => {
    const { email_address: email } = emailFactor.safeParse(each).data?.email_factor ?? {}
    return each.delivery_method === 'email' && email ? normalizedEmail(email) : null
  })
  const [address = null] = addresses
  return address !== null && addresses.every((each) => each === address) ? [address] : []
}

const isText = (value: unknown): value is string => typeof value === 'string'
