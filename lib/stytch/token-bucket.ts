/**
 * A token bucket: `capacity` calls at once, and then `perSecond`.
 * @param clock in milliseconds; tests pass their own
 */
export function createTokenBucket(
  { capacity, perSecond }: { capacity: number; perSecond: number },
  clock: () => number = Date.now,
): { take(): boolean } {
  let left = capacity
  let filledAt = clock()
  return {
    /** Takes one token. @returns false when none is left */
    take() {
      const now = clock()
      // A clock that is set back adds nothing.
      const refill = (Math.max(0, now - filledAt) / 1_000) * perSecond
      left = Math.min(capacity, left + refill)
      filledAt = now
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}
