/** What the plan must say about a line. Its codes are those of the backfill. */
export type Outcome =
  | 'create_with_password'
  | 'create'
  | 'line_unreadable'
  | 'subject_twice'
  | 'blocked'
  | 'external_id_impossible'
  | 'mapping_invalid'
  | 'organization_member'
  | 'mfa_enrolled'
  | 'social_only'
  | 'phone_only'
  | 'email_missing'
  | 'email_invalid'
  | 'email_unverified'
  | 'email_twice'
  | 'hash_unsupported'
  | 'user_without_hash'
  | 'hash_without_user'

/** A line of a file. An object becomes JSON. */
export type Line = {
  content: object | string | Buffer
  end?: '\n' | '\r\n' | ''
  place?: 'first' | 'last'
}

/** Lines that a careless import gets wrong. */
export type HostileRow = {
  name: string
  users?: Line[]
  hashes?: Line[]
  /** What becomes of the users, by subject. */
  subjects?: Record<string, Outcome>
  /** How many lines of both files have an outcome and no subject. */
  lines?: Partial<Record<Outcome, number>>
}
