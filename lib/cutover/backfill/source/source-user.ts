/** A user, as a file of the legacy provider describes them. The mapping adds what only the operator knows. */
export type SourceUser = {
  /** The legacy subject, such as `auth0|…`. */
  subject: string
  /** The connection of the password. Null without one. */
  connection: string | null
  /** The subject of the hash, if a linked identity of the user has the password. */
  passwordSubject?: string
  email: string | null
  emailVerified: boolean
  name: string
  phone: string | null
  phoneVerified: boolean
  isBlocked: boolean
  hasMfa: boolean
  isSocialOnly: boolean
}

/** The password hash of a user. Subject and connection name the user, and never the address. */
export type SourceHash = {
  subject: string
  connection: string | null
  /** When the password was set, if the file says it. */
  setAt?: Date
  /** Stytch's `hash_type`. */
  hashType: HashType
  /** The fields of `passwords.migrate` beside `email` and `hash_type`: `hash`, and the configuration of its type. */
  fields: Record<string, unknown>
}

export const hashTypes = [
  'bcrypt',
  'md_5',
  'argon_2i',
  'argon_2id',
  'sha_1',
  'sha_512',
  'scrypt',
  'phpass',
  'pbkdf_2',
] as const

export type HashType = (typeof hashTypes)[number]

/** Why a line gives no user or no hash. `reason` names the field or the rule, and never a value. */
export type LineProblem =
  | { problem: 'line_unreadable'; reason: string }
  | { problem: 'hash_unsupported'; reason: string; subject: string; connection: string | null }
