import { z } from 'zod'
import { type SourceRecord, subjectOf } from './auth0-users'
import { decodeHash } from './password-hash'
import type { LineProblem, SourceHash } from './source-user'

const recordSchema = z.object({
  _id: z.union([z.object({ $oid: z.string().min(1) }).transform(({ $oid }) => $oid), z.string()]),
  alt_id: z.string().nullish(),
  passwordHash: z.string().min(1),
  connection: z.string().min(1),
  password_set_date: z
    .object({ $date: z.coerce.date() })
    .transform(({ $date }) => $date)
    .optional()
    .catch(undefined),
})

/**
 * A line of the file with password hashes, which Auth0's support exports. It never reads the address of the line: the
 * address may be missing, and two connections may have it.
 */
export function parseAuth0Hash(record: SourceRecord): SourceHash | LineProblem {
  const parsed = recordSchema.safeParse(record)
  if (!parsed.success) {
    return { problem: 'line_unreadable', reason: String(parsed.error.issues[0]?.path[0] ?? 'json') }
  }
  const { _id, alt_id, passwordHash, connection, password_set_date: setAt } = parsed.data
  const subject = subjectOf(alt_id || _id)
  const decoded = decodeHash(passwordHash)
  if (!decoded) {
    return { problem: 'hash_unsupported', reason: 'hash_format_unknown', subject, connection }
  }
  return { subject, connection, ...decoded, ...(setAt && { setAt }) }
}
