import { ApiError } from './errors.ts'

/** Documented: 65 requests a second for scripts, one mail a second for an address. */
const LIMITS = { requestsPerSecond: 65, mailsPerSecond: 1 }

export type RateLimits = ReturnType<typeof createRateLimits>

/** Off until switched on. The windows are fixed, one a second, not rolling. */
export function createRateLimits(now: () => number) {
  let enabled = false
  let second = 0
  let counts = new Map<string, number>()

  const count = (key: string, limit: number) => {
    if (!enabled) return
    const current = Math.floor(now() / 1000)
    if (current !== second) {
      second = current
      counts = new Map()
    }
    const used = (counts.get(key) ?? 0) + 1
    counts.set(key, used)
    if (used > limit) throw new ApiError('too_many_requests')
  }

  return {
    get enabled() {
      return enabled
    },
    switch(on: boolean) {
      enabled = on
      counts = new Map()
    },
    request: () => count('requests', LIMITS.requestsPerSecond),
    mail: (email: string) => count(`mail:${email}`, LIMITS.mailsPerSecond),
  }
}
