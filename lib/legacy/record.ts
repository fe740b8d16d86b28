/** The records on one page of a search. It is Auth0's largest page. */
export const recordPageSize = 100

/** A user's record at the legacy provider. */
export type LegacyRecord = {
  /** Also the subject of the user's tokens. */
  id: string
  email: string
  emailVerified: boolean
  name: string
  /** Whether the user signs in with a password of the legacy provider, and not with a social or enterprise login. */
  hasPassword: boolean
  /** Null if the record does not say when the password was set. */
  passwordSetAt: Date | null
  /** Whether the user may not sign in. `by_mirror` if the mirror blocked the record, since its Stytch user was deleted. */
  blocked: 'no' | 'yes' | 'by_mirror'
  /** Whether the user has enrolled in multi-factor authentication. */
  hasSecondFactor: boolean
}

/** The legacy provider refuses a call. The error has only its codes, since its message may repeat personal data. */
export class LegacyRefusal extends Error {
  readonly code = 'legacy_refused'
  readonly errorCode: string
  readonly status: number
  constructor(errorCode: string, status: number) {
    super(`The legacy provider refused: ${errorCode} (status ${status}).`)
    this.name = 'LegacyRefusal'
    this.errorCode = errorCode
    this.status = status
  }
}
