/**
 * The user has a second factor at the other provider, and this sign-in used a weaker way. Otherwise a single code from
 * a mail would open an account that its owner has protected with two factors.
 */
export class SecondFactorRequired extends Error {
  readonly code = 'mfa_required'
  /** The subject that has the second factor. Null for a later request of the same session. */
  readonly subject: string | null
  constructor(subject: string | null = null) {
    super('The account is protected by a second factor at the other login provider.')
    this.name = 'SecondFactorRequired'
    this.subject = subject
  }
}

/** It is unknown whether the user has a second factor, so the account stays closed. A later attempt may succeed. */
export class SecondFactorUnknown extends Error {
  readonly code = 'second_factor_unknown'
  constructor(cause?: unknown) {
    super('It is unknown whether a second factor protects the account.', { cause })
    this.name = 'SecondFactorUnknown'
  }
}
