/** One event of the migration. It never contains a token. */
export type CutoverEvent = {
  at: Date
  kind:
    | 'migration'
    | 'sign_in'
    | 'sign_out'
    | 'refresh'
    | 'policy'
    | 'mirror'
    | 'forward'
    | 'deprovision'
    | 'backfill'
  accountId: string | null
  issuer: string | null
  subject: string | null
  /** The lane of the user after the event. */
  lane: 'stytch' | 'legacy' | 'anonymous'
  result: string
  reason: string
  milliseconds: number
  policyVersion: number
}
