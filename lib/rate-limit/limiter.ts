import 'server-only'
import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'
import { databasePool } from '../db/database'
import { perProcess } from '../per-process'
import type { Limit } from './limits'

/**
 * The pool, as the library uses it. The library names its prepared statements. PgBouncer in transaction mode gives
 * the next statement another connection, where that name is unknown.
 */
const store = {
  query: async ({ text, values }: { text: string; values: unknown[] }) =>
    (await databasePool()).query({ text, values }),
}

const limiters = perProcess('rate-limiters', () => new Map<string, RateLimiterPostgres>())

/** The limiter of one limit. All instances count in the table `rate_limits`. */
export function limiterOf({ name, points, seconds }: Limit): RateLimiterPostgres {
  const known = limiters.value.get(name)
  if (known) return known
  const window = { keyPrefix: name, points, duration: seconds }
  const limiter = new RateLimiterPostgres({
    ...window,
    storeClient: store,
    storeType: 'client',
    tableName: 'rate_limits',
    // Our migrations create the table. The role of the app may have no right to create one.
    tableCreated: true,
    // One limiter deletes the expired rows of all, five minutes after its first use and then every five minutes.
    clearExpiredByTimeout: limiters.value.size === 0,
    // While the database is down, this instance counts in its memory. A refusal would lock every user out, and no
    // limit at all would let an attacker guess codes during an outage.
    insuranceLimiter: new RateLimiterMemory(window),
  })
  limiters.value.set(name, limiter)
  return limiter
}

/** Only for tests: a new set of limiters, as another instance of the app has them. */
export function forgetLimiters(): void {
  limiters.value.clear()
}
