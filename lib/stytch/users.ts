import 'server-only'
import { z } from 'zod'
import { normalizedEmail } from '../account/email-address'
import { ProviderFailure } from '../provider-failure'
import { callStytch, StytchRefusal } from './client'
import { revokeSessionById } from './revoke'

/** Factors that the user has proved, or only entered. */
const factors = z.array(z.object({ verified: z.boolean().default(false) })).default([])

const userSchema = z.object({
  user_id: z.string().min(1),
  external_id: z.string().nullish(),
  emails: z.array(z.object({ email: z.string(), verified: z.boolean() })),
  name: z.object({ first_name: z.string().nullish(), last_name: z.string().nullish() }).nullish(),
  password: z.object({ password_id: z.string() }).nullish(),
  totps: factors,
  providers: z.array(z.unknown()).default([]),
  phone_numbers: factors,
  webauthn_registrations: factors,
  biometric_registrations: factors,
  crypto_wallets: z.array(z.unknown()).default([]),
})

/** The fields of a Stytch user that this app uses. */
export type StytchUser = {
  id: string
  externalId: string | null
  email: string
  emailVerified: boolean
  name: string
  /** True if one email address is the user's only sign-in method. The user then has no password and no other factor. */
  onlyByEmail: boolean
  /** Whether the user has proved a factor beside the address and the password. */
  hasSecondFactor: boolean
}

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function stytchUserOf(answer: unknown): StytchUser {
  const parsed = userSchema.safeParse(answer)
  if (!parsed.success)
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a user')
  const user = parsed.data
  const [address] = user.emails
  const name = [user.name?.first_name, user.name?.last_name].filter(Boolean).join(' ')
  const secondFactors = [
    user.totps,
    user.phone_numbers,
    user.webauthn_registrations,
    user.biometric_registrations,
  ]
  const otherFactors = [...secondFactors, user.providers, user.crypto_wallets]
  return {
    id: user.user_id,
    externalId: user.external_id ?? null,
    email: normalizedEmail(address?.email ?? ''),
    emailVerified: address?.verified ?? false,
    name: name || (address?.email ?? ''),
    onlyByEmail:
      user.emails.length === 1 && !user.password && otherFactors.every((list) => list.length === 0),
    hasSecondFactor: secondFactors.flat().some(({ verified }) => verified),
  }
}

/**
 * The user with this id.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function fetchUser(userId: string): Promise<StytchUser> {
  return stytchUserOf(await callStytch((client) => client.users.get({ user_id: userId })))
}

/**
 * The user with this address, or null.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function findUserByEmail(email: string): Promise<StytchUser | null> {
  const { results } = await callStytch((client) =>
    client.users.search({
      limit: 1,
      query: {
        operator: 'AND',
        operands: [{ filter_name: 'email_address', filter_value: [email] }],
      },
    }),
  )
  const [found] = z.array(z.unknown()).parse(results)
  return found === undefined ? null : stytchUserOf(found)
}

/**
 * Creates a user whose address the legacy provider verified. An existing user is no error, since another tab may
 * have created it a moment before.
 * @returns Stytch's id of the new user; null when the address is taken
 * @throws {StytchRefusal} such as `duplicate_user_external_id`
 * @throws {ProviderFailure}
 */
export async function createUser(profile: {
  email: string
  name: string
  externalId: string | null
}): Promise<string | null> {
  const [firstName = '', ...rest] = profile.name.split(/\s+/)
  try {
    const created = await callStytch((client) =>
      client.users.create({
        email: profile.email,
        name: { first_name: firstName, last_name: rest.join(' ') },
        ...(profile.externalId ? { external_id: profile.externalId } : {}),
      }),
    )
    return created.user_id
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'duplicate_email') return null
    throw error
  }
}

/** A live session of a user. */
export type ListedSession = {
  id: string
  /** Only a backend with the project's secret can write them. */
  customClaims: Record<string, unknown>
  /** The addresses that a code or link from a mail proved in this session. */
  provedEmails: string[]
}

const listedSession = z
  .object({
    session_id: z.string(),
    custom_claims: z.record(z.string(), z.unknown()).nullish(),
    authentication_factors: z
      .array(
        z.object({
          delivery_method: z.string().nullish(),
          email_factor: z.object({ email_address: z.string() }).nullish(),
        }),
      )
      .default([]),
  })
  .transform(({ session_id, custom_claims, authentication_factors }) => ({
    id: session_id,
    customClaims: custom_claims ?? {},
    provedEmails: authentication_factors.flatMap(({ delivery_method, email_factor }) =>
      delivery_method === 'email' && email_factor
        ? [normalizedEmail(email_factor.email_address)]
        : [],
    ),
  }))

/**
 * The live sessions of a user, except one.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function otherSessions(userId: string, sessionId: string): Promise<ListedSession[]> {
  const { sessions } = await callStytch((client) => client.sessions.get({ user_id: userId }))
  const listed = z.array(listedSession).parse(sessions)
  return listed.filter(({ id }) => id !== sessionId)
}

/**
 * Revokes the other sessions of a user, except those that proved the address too. Call it when the user verifies an
 * address. An attacker with an earlier session must not get into the account that opens now.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function endUnprovedSessions(
  { id: userId, email }: Pick<StytchUser, 'id' | 'email'>,
  sessionId: string,
): Promise<void> {
  for (const { id, provedEmails } of await otherSessions(userId, sessionId)) {
    if (!provedEmails.includes(email)) await revokeSessionById(id)
  }
}
