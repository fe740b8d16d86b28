/** The longest wait. A wrong header must not stop the mirror. In milliseconds. */
const maximumWait = 60 * 60 * 1_000

/**
 * The time at which a rate limit ends. It comes from `Retry-After` in seconds, or from `X-RateLimit-Reset` as Unix time.
 * https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
 * @returns null when the provider named no time
 */
export function rateLimitEnd(
  headers: { get(name: string): string | null },
  now: Date,
): Date | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : reset * 1_000 - now.getTime()
  if (!Number.isFinite(wait)) return null
  return new Date(now.getTime() + Math.min(Math.max(wait, 0), maximumWait))
}
