/** Reasons for which a call to a provider failed. */
export type ProviderFailureCode = 'timeout' | 'rate_limited' | 'unavailable' | 'unexpected_response'

/** A provider did not answer, or its response cannot be used. The call may be retried later. */
export class ProviderFailure extends Error {
  readonly code: ProviderFailureCode
  readonly provider: 'stytch' | 'legacy'
  /** The time of the next attempt, when the provider named one. */
  readonly retryAt: Date | null
  constructor(
    provider: 'stytch' | 'legacy',
    code: ProviderFailureCode,
    detail: string,
    retryAt: Date | null = null,
  ) {
    super(`${provider}: ${code}: ${detail}`)
    this.name = 'ProviderFailure'
    this.provider = provider
    this.code = code
    this.retryAt = retryAt
  }
}

/**
 * Sets a deadline for a call to a provider. The Stytch SDK ignores its `timeout` option, so without this a provider
 * that hangs would hang our page.
 * @throws {ProviderFailure} with code `timeout`
 */
export async function withDeadline<T>(
  provider: 'stytch' | 'legacy',
  milliseconds: number,
  call: Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ProviderFailure(provider, 'timeout', `no answer within ${milliseconds} ms`)),
      milliseconds,
    )
  })
  // A call that fails after its deadline would be an unhandled rejection otherwise.
  call.catch(() => undefined)
  try {
    return await Promise.race([call, deadline])
  } finally {
    clearTimeout(timer)
  }
}
