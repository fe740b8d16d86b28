import 'server-only'
import { z } from 'zod'
import { StytchRefusal } from '../../../stytch/client'
import { type StytchUser, stytchUserOf } from '../../../stytch/users'
import type { Mapped } from '../source/mapping'
import type { SourceHash } from '../source/source-user'
import type { Limiter } from './limiter'

/** A user at Stytch, and the run that made them. Only a backend with the project's secret writes trusted metadata. */
export type ImportedUser = StytchUser & { madeBy: string | null; createdAt: Date | null }

const markName = 'cutover_backfill_run'
const ageSchema = z.object({ created_at: z.coerce.date() })
const markSchema = z.object({ trusted_metadata: z.object({ [markName]: z.string() }) })

export const importedUserOf = (answer: unknown): ImportedUser => ({
  ...stytchUserOf(answer),
  madeBy: markSchema.safeParse(answer).data?.trusted_metadata[markName] ?? null,
  createdAt: ageSchema.safeParse(answer).data?.created_at ?? null,
})

const isRefusal = (error: unknown, ...types: string[]): boolean =>
  error instanceof StytchRefusal && types.includes(error.errorType)

/** The user with this id or external id. @throws {StytchRefusal | ProviderFailure} as all functions here */
export async function findUser(call: Limiter, id: string): Promise<ImportedUser | null> {
  try {
    return importedUserOf(await call((client) => client.users.get({ user_id: id })))
  } catch (error) {
    if (isRefusal(error, 'user_not_found')) return null
    throw error
  }
}

/**
 * Creates a user. It never changes an existing one: `passwords.migrate` would add the hash to a user whom a stranger
 * made with this address.
 * @returns null if the address or the external id is taken
 */
export async function createUser(
  call: Limiter,
  { email, externalId, runId, mapped, phone }: NewUser,
): Promise<ImportedUser | null> {
  const { name, trustedMetadata, untrustedMetadata, roles } = mapped
  try {
    const { user } = await call((client) =>
      client.users.create({
        email,
        external_id: externalId,
        trusted_metadata: { ...trustedMetadata, [markName]: runId },
        ...(name && { name }),
        ...(phone && { phone_number: phone }),
        ...(untrustedMetadata && { untrusted_metadata: untrustedMetadata }),
        ...(roles && { roles }),
      }),
    )
    return importedUserOf(user)
  } catch (error) {
    if (isRefusal(error, 'duplicate_email', 'duplicate_user_external_id')) return null
    throw error
  }
}

type NewUser = {
  email: string
  externalId: string
  runId: string
  mapped: Mapped
  /** A number that the legacy provider has verified. */
  phone: string | null
}

/** Gives the hash to a user without a password, and says that the legacy provider has verified the address. */
export async function addHash(
  call: Limiter,
  email: string,
  { hashType, fields }: SourceHash,
  isPhoneVerified: boolean,
): Promise<ImportedUser> {
  const { user } = await call((client) =>
    client.passwords.migrate({
      ...(fields as { hash: string }),
      email,
      hash_type: hashType,
      set_email_verified: true,
      ...(isPhoneVerified && { set_phone_number_verified: true }),
    }),
  )
  return importedUserOf(user)
}

/** Deletes a user. A user who is gone already is no error. */
export async function deleteUser(call: Limiter, userId: string): Promise<void> {
  try {
    await call((client) => client.users.delete({ user_id: userId }))
  } catch (error) {
    if (!isRefusal(error, 'user_not_found')) throw error
  }
}

/** Whether the user has a live session. */
export async function hasSession(call: Limiter, userId: string): Promise<boolean> {
  const { sessions } = await call((client) => client.sessions.get({ user_id: userId }))
  return sessions.length > 0
}

/** Revokes all sessions of a user. */
export async function endSessions(call: Limiter, userId: string): Promise<void> {
  const { sessions } = await call((client) => client.sessions.get({ user_id: userId }))
  for (const { session_id } of sessions)
    await call((client) => client.sessions.revoke({ session_id }))
}
