import { z } from 'zod'
import { mayProveAddress } from '../../../legacy/auth0/enterprise-connection'
import type { LineProblem, SourceUser } from './source-user'

/** A line of the file, as parsed JSON. The mapping reads it too. */
export type SourceRecord = Record<string, unknown>

const text = z.string().nullish()
const flag = z.boolean().nullish()

const recordSchema = z.object({
  user_id: z.string().min(1).max(512),
  email: text,
  email_verified: flag,
  identifiers: z.array(z.object({ type: z.string(), value: z.string(), verified: flag })).nullish(),
  name: text,
  phone_number: text,
  phone_verified: flag,
  identities: z.array(
    z.object({
      provider: z.string(),
      connection: z.string(),
      user_id: z.union([z.string(), z.number()]).transform(String),
      isSocial: flag,
    }),
  ),
  blocked: flag,
  multifactor: z.array(z.unknown()).nullish(),
})

/** A line of Auth0's user export. https://auth0.com/docs/manage-users/user-migration/bulk-user-exports */
export function parseAuth0User(record: SourceRecord): SourceUser | LineProblem {
  const parsed = recordSchema.safeParse(record)
  if (!parsed.success) {
    return { problem: 'line_unreadable', reason: String(parsed.error.issues[0]?.path[0] ?? 'json') }
  }
  const user = parsed.data
  // With flexible identifiers, the root of the record may have no address.
  const identifier = user.identifiers?.find(({ type }) => type === 'email')
  const address = user.email
    ? { value: user.email, verified: user.email_verified }
    : identifier && { value: identifier.value, verified: identifier.verified }
  const password = user.identities.find(({ provider }) => provider === 'auth0')
  const passwordSubject = password && subjectOf(password.user_id)
  return {
    subject: user.user_id,
    connection: password?.connection ?? null,
    ...(passwordSubject && passwordSubject !== user.user_id && { passwordSubject }),
    email: address?.value || null,
    // An organization's own identity provider can call a stranger's address verified.
    emailVerified: address?.verified === true && mayProveAddress(user.user_id, address.value),
    name: user.name ?? '',
    phone: user.phone_number || null,
    phoneVerified: user.phone_verified === true,
    isBlocked: user.blocked === true,
    hasMfa: (user.multifactor ?? []).length > 0,
    isSocialOnly: user.identities.length > 0 && user.identities.every((each) => each.isSocial),
  }
}

/** The subject of a user with this id in one of Auth0's own databases. */
export const subjectOf = (databaseId: string): string =>
  databaseId.startsWith('auth0|') ? databaseId : `auth0|${databaseId}`
