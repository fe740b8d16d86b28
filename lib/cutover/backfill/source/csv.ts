import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { SourceRecord } from './auth0-users'
import { decodeHash } from './password-hash'
import {
  type HashType,
  hashTypes,
  type LineProblem,
  type SourceHash,
  type SourceUser,
} from './source-user'

/**
 * The fields of one line. A field cannot contain a line break. Otherwise one stray quotation mark would swallow the
 * users after it.
 * @returns null if the line is not CSV
 */
export function csvFields(line: string): string[] | null {
  try {
    const records: string[][] = parse(line, { relax_column_count: true, trim: true })
    return records.length === 1 ? (records[0] ?? null) : null
  } catch {
    return null
  }
}

/** A line under its header. @returns null if it is not CSV, or has more or fewer fields than the header */
export function csvRecord(header: readonly string[], line: string): SourceRecord | null {
  const fields = csvFields(line)
  if (fields?.length !== header.length) return null
  return Object.fromEntries(header.map((name, index) => [name, fields[index]]))
}

const flag = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', '']))
  .transform((value) => value === 'true' || value === '1')
  .default(false)
const text = z
  .string()
  .transform((value) => value || null)
  .default(null)
const subject = z.string().min(1).max(512)

const inHouse = z.object({
  subject,
  connection: text,
  email: text,
  email_verified: flag,
  name: z.string().default(''),
  phone: text,
  phone_verified: flag,
  blocked: flag,
  mfa: flag,
  social_only: flag,
})

/** Cognito's tokens name the user by `sub`, and its files call the sign-in name `cognito:username`. */
const cognito = z.object({
  sub: subject,
  email: text,
  email_verified: flag,
  name: z.string().default(''),
  phone_number: text,
  phone_number_verified: flag,
  'cognito:mfa_enabled': flag,
  'cognito:user_status': z.string().default(''),
  enabled: flag.default(true),
})

/** The columns of both formats, for docs/backfill.md. The first one is required. */
export const columns = {
  inHouse: Object.keys(inHouse.shape),
  cognito: ['cognito:username', ...Object.keys(cognito.shape)],
}

const unreadable = (error: z.ZodError): LineProblem => ({
  problem: 'line_unreadable',
  reason: String(error.issues[0]?.path[0] ?? 'csv'),
})

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

const number = z.coerce.number().int().positive()
/** The columns that each type needs beside `hash`, as the configuration that `passwords.migrate` takes. */
const salts = z
  .object({ prepend_salt: z.string().optional(), append_salt: z.string().optional() })
  // Both may be empty. A file without these columns does not say whether there was a salt.
  .refine((config) => config.prepend_salt !== undefined || config.append_salt !== undefined)
  .transform(({ prepend_salt = '', append_salt = '' }) => ({ prepend_salt, append_salt }))
const configurations: Partial<Record<HashType, [name: string, shape: z.ZodType]>> = {
  md_5: ['md_5_config', salts],
  sha_1: ['sha_1_config', salts],
  sha_512: ['sha_512_config', salts],
  argon_2i: ['argon_2_config', argonShape()],
  argon_2id: ['argon_2_config', argonShape()],
  scrypt: [
    'scrypt_config',
    z.object({
      salt: z.string().min(1),
      n_parameter: number,
      r_parameter: number,
      p_parameter: number,
      key_length: number,
    }),
  ],
  pbkdf_2: [
    'pbkdf_2_config',
    z.object({
      salt: z.string().min(1),
      iteration_amount: number,
      key_length: number,
      algorithm: z.enum(['sha256', 'sha512']),
    }),
  ],
}

function argonShape() {
  return z.object({
    salt: z.string().min(1),
    iteration_amount: number,
    memory: number,
    threads: number,
    key_length: number,
  })
}

const hashRow = z.object({
  subject,
  connection: text,
  hash_type: z.string().default(''),
  hash: z.string().min(1),
})

/** A line of a file with password hashes. A hash that names its own parameters needs no further column. */
export function parseCsvHash(record: SourceRecord): SourceHash | LineProblem {
  const parsed = hashRow.safeParse(record)
  if (!parsed.success) return unreadable(parsed.error)
  const { subject, connection, hash, hash_type } = parsed.data
  const refused = (reason: string): LineProblem => ({
    problem: 'hash_unsupported',
    reason,
    subject,
    connection,
  })
  const decoded = decodeHash(hash)
  const hashType = hashTypes.find((each) => each === hash_type)
  if (decoded && (!hashType || hashType === decoded.hashType))
    return { subject, connection, ...decoded }
  if (!hashType) return refused('hash_type')
  const [name, shape] = configurations[hashType] ?? []
  const config = shape?.safeParse(record)
  if (!name || !config?.success) {
    return refused(
      String(config?.error?.issues[0]?.path[0] ?? (name ? 'salts' : 'hash_format_unknown')),
    )
  }
  return { subject, connection, hashType, fields: { hash, [name]: config.data } }
}
