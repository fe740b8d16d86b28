import { z } from 'zod'
import type { SourceRecord } from './auth0-users'
import { optionalColumn, subjectColumn, unreadable } from './csv'
import { decodeHash } from './password-hash'
import { type HashType, hashTypes, type LineProblem, type SourceHash } from './source-user'

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
  subject: subjectColumn,
  connection: optionalColumn,
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
