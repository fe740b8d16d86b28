import 'server-only'
import { z } from 'zod'
import { normalizedEmail } from '../../account/email-address'
import { storable } from '../../account/storable'
import { call, failure } from '../../legacy/auth0/management'
import { LegacyRefusal, recordPageSize } from '../../legacy/record'
import { parseAuth0User } from '../backfill/source/auth0-users'
import type { SourceUser } from '../backfill/source/source-user'

/** A user as the legacy provider knows them now. */
export type LegacyUser = SourceUser & {
  /** Null if the record does not say when the password was set. */
  passwordSetAt: Date | null
  createdAt: Date | null
  updatedAt: Date | null
}

const moment = z.coerce.date().nullish().catch(null)
const times = z.object({ last_password_reset: moment, created_at: moment, updated_at: moment })

/** @throws {ProviderFailure} when the answer is not what the provider describes */
export function legacyUserOf(record: unknown): LegacyUser {
  const parsed = parseAuth0User(record as Record<string, unknown>)
  if ('problem' in parsed) throw failure('unexpected_response', 'an answer without a user')
  const { last_password_reset, created_at, updated_at } = times.parse(record)
  const email = parsed.email === null ? null : normalizedEmail(parsed.email)
  return {
    ...parsed,
    email,
    emailVerified: parsed.emailVerified && email !== null,
    // Auth0 uses the address of a user without a name.
    name: parsed.name === email ? '' : storable(parsed.name),
    passwordSetAt: last_password_reset ?? null,
    createdAt: created_at ?? null,
    updatedAt: updated_at ?? null,
  }
}

/** @returns null when there is no such user. @throws {LegacyRefusal | ProviderFailure} as all functions here */
export async function readLegacyUser(subject: string): Promise<LegacyUser | null> {
  try {
    return legacyUserOf(await call((api) => api.users.get(subject)))
  } catch (error) {
    if (error instanceof LegacyRefusal && error.status === 404) return null
    throw error
  }
}

/** Whether another user has proved the same address, for example in another connection. */
export async function isEmailTwice({ subject }: LegacyUser, email: string): Promise<boolean> {
  const found = z
    .array(z.unknown())
    .parse(await call((api) => api.users.listUsersByEmail({ email })))
    .map(legacyUserOf)
  return found.some((other) => other.subject !== subject && other.emailVerified)
}

/** One page of the users who changed since, oldest change first. It may miss the changes of the last seconds. */
export async function usersChangedSince(since: Date, page: number): Promise<LegacyUser[]> {
  const found = await call((api) =>
    api.users.list({
      q: `updated_at:[${since.toISOString()} TO *]`,
      search_engine: 'v3',
      sort: 'updated_at:1',
      page,
      per_page: recordPageSize,
    }),
  )
  return found.data.map(legacyUserOf)
}
