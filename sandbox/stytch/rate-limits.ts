import { ApiError } from './errors.ts'

/** Documented by Stytch: for all requests of a script, and for mails to one address. */
const requestsPerSecond = 65
const mailsPerSecond = 1

export type RateLimits = ReturnType<typeof createRateLimits>

/** Off until a test switches them on. A limit counts from one full second to the next. */
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
    request: () => count('requests', requestsPerSecond),
    mail: (email: string) => count(`mail:${email}`, mailsPerSecond),
  }
}
