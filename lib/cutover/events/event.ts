/** What happened, to whom, how it ended and why. Never a token. */
export type CutoverEvent = {
  at: Date
  kind: 'migration' | 'sign_in' | 'sign_out' | 'refresh' | 'policy' | 'mirror'
  accountId: string | null
  issuer: string | null
  subject: string | null
  /** Lane that the person is on afterwards. */
  lane: 'stytch' | 'legacy' | 'anonymous'
  result: string
  reason: string
  milliseconds: number
  policyVersion: number
}
