/** Why a call to a provider brought no answer that can be used. */
export type ProviderFailureCode = 'timeout' | 'rate_limited' | 'unavailable' | 'unexpected_response'

/** A provider did not answer, or not with something usable. Nothing was decided: try again later. */
export class ProviderFailure extends Error {
  readonly code: ProviderFailureCode
  readonly provider: 'stytch' | 'legacy'
  /** When the provider said to come back, if it did. */
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
 * Ends the wait for `call` after `milliseconds`. The Stytch SDK has no working timeout
 * (its `timeout` option is ignored), so without this a hung provider hangs our page.
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
  // A call that fails after its deadline must not become an unhandled rejection.
  call.catch(() => undefined)
  try {
    return await Promise.race([call, deadline])
  } finally {
    clearTimeout(timer)
  }
}
