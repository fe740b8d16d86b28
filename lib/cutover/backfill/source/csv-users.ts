import { z } from 'zod'
import type { SourceRecord } from './auth0-users'
import { optionalColumn, subjectColumn, unreadable } from './csv'
import type { LineProblem, SourceUser } from './source-user'

const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', '']))
  .transform((value) => value === 'true' || value === '1')
  .default(false)
const inHouse = z.object({
  subject: subjectColumn,
  connection: optionalColumn,
  email: optionalColumn,
  email_verified: flag,
  name: z.string().default(''),
  phone: optionalColumn,
  phone_verified: flag,
  blocked: flag,
  mfa: flag,
  social_only: flag,
})

/** Cognito's tokens name the user by `sub`, and its files call the sign-in name `cognito:username`. */
const cognito = z.object({
  sub: subjectColumn,
  email: optionalColumn,
  email_verified: flag,
  name: z.string().default(''),
  phone_number: optionalColumn,
  phone_number_verified: flag,
  'cognito:mfa_enabled': flag,
  'cognito:user_status': z.string().default(''),
  enabled: flag.default(true),
})

/** The columns of both formats. A test compares them with docs/backfill.md. */
export const columns = {
  inHouse: Object.keys(inHouse.shape),
  cognito: ['cognito:username', ...Object.keys(cognito.shape)],
}

/** A line of an in-house provider, or of Cognito if it has the column `cognito:username`. */
export function parseCsvUser(record: SourceRecord): SourceUser | LineProblem {
  if ('cognito:username' in record) return parseCognitoUser(record)
  const parsed = inHouse.safeParse(record)
  if (!parsed.success) return unreadable(parsed.error)
  const user = parsed.data
  return {
    subject: user.subject,
    connection: user.connection,
    email: user.email,
    emailVerified: user.email_verified,
    name: user.name,
    phone: user.phone,
    phoneVerified: user.phone_verified,
    isBlocked: user.blocked,
    hasMfa: user.mfa,
    isSocialOnly: user.social_only,
  }
}

function parseCognitoUser(record: SourceRecord): SourceUser | LineProblem {
  const parsed = cognito.safeParse(record)
  if (!parsed.success) return unreadable(parsed.error)
  const user = parsed.data
  return {
    subject: user.sub,
    connection: null,
    email: user.email,
    emailVerified: user.email_verified,
    name: user.name,
    phone: user.phone_number,
    phoneVerified: user.phone_number_verified,
    isBlocked: !user.enabled,
    hasMfa: user['cognito:mfa_enabled'],
    isSocialOnly: user['cognito:user_status'] === 'EXTERNAL_PROVIDER',
  }
}
