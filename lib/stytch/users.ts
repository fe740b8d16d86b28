import 'server-only'
import { z } from 'zod'
import { normalizedEmail } from '../account/email-address'
import { ProviderFailure } from '../provider-failure'
import { callStytch, StytchRefusal } from './client'

/** Whether the user has proved the factor, and not only entered it. */
const verified = z.boolean().default(false)

const userSchema = z.object({
  user_id: z.string().min(1),
  external_id: z.string().nullish(),
  emails: z.array(z.object({ email_id: z.string(), email: z.string(), verified: z.boolean() })),
  name: z.object({ first_name: z.string().nullish(), last_name: z.string().nullish() }).nullish(),
  password: z
    .object({ password_id: z.string(), requires_reset: z.boolean().default(false) })
    .nullish(),
  totps: z.array(z.object({ totp_id: z.string(), verified })).default([]),
  providers: z.array(z.object({ oauth_user_registration_id: z.string() })).default([]),
  phone_numbers: z.array(z.object({ phone_id: z.string(), verified })).default([]),
  webauthn_registrations: z
    .array(z.object({ webauthn_registration_id: z.string(), verified }))
    .default([]),
  biometric_registrations: z
    .array(z.object({ biometric_registration_id: z.string(), verified }))
    .default([]),
  crypto_wallets: z.array(z.object({ crypto_wallet_id: z.string() })).default([]),
})

/** A way to sign in that is attached to a user, and the call that removes it. */
export type Credential = {
  kind: 'password' | 'totp' | 'oauth' | 'phone_number' | 'webauthn' | 'biometric' | 'crypto_wallet'
  id: string
}

/** The fields of a Stytch user that this app uses. */
export type StytchUser = {
  id: string
  externalId: string | null
  /** The first address. */
  email: string
  emailVerified: boolean
  addresses: { id: string; email: string; verified: boolean }[]
  name: string
  /** Whether the user has proved a factor beside the address and the password. */
  hasSecondFactor: boolean
  /** Every other way to sign in. */
  credentials: Credential[]
  /** True if Stytch accepts the password only after a reset, because it is older than the proof of the address. */
  mustResetPassword: boolean
}

/** Whether one email address is the user's only sign-in method. The user then has no password and no other factor. */
export const isOnlyByEmail = ({ addresses, credentials }: StytchUser): boolean =>
  addresses.length === 1 && credentials.length === 0

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
  const credential = (kind: Credential['kind']) => (id: string) => ({ kind, id })
  return {
    id: user.user_id,
    externalId: user.external_id ?? null,
    email: normalizedEmail(address?.email ?? ''),
    emailVerified: address?.verified ?? false,
    addresses: user.emails.map(({ email_id: id, email, verified }) => ({
      id,
      email: normalizedEmail(email),
      verified,
    })),
    name: name || (address?.email ?? ''),
    hasSecondFactor: secondFactors.flat().some(({ verified }) => verified),
    credentials: [
      ...(user.password ? [user.password.password_id] : []).map(credential('password')),
      ...user.totps.map(({ totp_id }) => totp_id).map(credential('totp')),
      ...user.providers.map((each) => each.oauth_user_registration_id).map(credential('oauth')),
      ...user.phone_numbers.map(({ phone_id }) => phone_id).map(credential('phone_number')),
      ...user.webauthn_registrations
        .map((each) => each.webauthn_registration_id)
        .map(credential('webauthn')),
      ...user.biometric_registrations
        .map((each) => each.biometric_registration_id)
        .map(credential('biometric')),
      ...user.crypto_wallets.map((each) => each.crypto_wallet_id).map(credential('crypto_wallet')),
    ],
    mustResetPassword: user.password?.requires_reset ?? false,
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
 * @param call a caller with many calls replaces it by one with a rate limit
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function findUserByEmail(
  email: string,
  call: typeof callStytch = callStytch,
): Promise<StytchUser | null> {
  const { results } = await call((client) =>
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
}

const listedSession = z
  .object({
    session_id: z.string(),
    custom_claims: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ session_id, custom_claims }) => ({
    id: session_id,
    customClaims: custom_claims ?? {},
  }))

/** The live sessions of a user. @throws {StytchRefusal | ProviderFailure} */
export async function sessionsOf(userId: string): Promise<ListedSession[]> {
  const { sessions } = await callStytch((client) => client.sessions.get({ user_id: userId }))
  return z.array(listedSession).parse(sessions)
}

/** The same, except one. @throws {StytchRefusal | ProviderFailure} */
const otherSessions = async (userId: string, sessionId: string): Promise<ListedSession[]> =>
  (await sessionsOf(userId)).filter(({ id }) => id !== sessionId)

/** Revokes all sessions of a user except one. @returns how many */
export async function endOtherSessions(userId: string, sessionId: string): Promise<number> {
  const others = await otherSessions(userId, sessionId)
  for (const { id } of others) {
    await unlessGone(callStytch((client) => client.sessions.revoke({ session_id: id })))
  }
  return others.length
}

/** Ignores that there is nothing to remove. Another request may have removed it a moment before. */
export async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    const isGone =
      error instanceof StytchRefusal &&
      error.errorType.endsWith('_not_found') &&
      error.errorType !== 'route_not_found'
    if (!isGone) throw error
  }
}
