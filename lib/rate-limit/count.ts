import 'server-only'
import { createHmac } from 'node:crypto'
import type { RateLimiterRes } from 'rate-limiter-flexible'
import { config } from '../config'
import { limiterOf } from './limiter'
import type { Limit } from './limits'
import { RateLimited } from './rate-limited'

/** A limit, and the address, network, subject or account that it counts. Null if unknown: then it does not count. */
export type Counted = readonly [limit: Limit, of: string | null]

/** A keyed hash, so that the table names nobody. A plain hash of an address could be found in a list of addresses. */
const keyOf = (of: string): string =>
  createHmac('sha256', config().cookieSecrets[0]).update(`rate-limit:${of}`).digest('base64url')

/**
 * Counts one event by each limit, before it takes place. A limit that is used up stops the later ones from counting.
 * So list the network of the client first: an attacker then uses up their own limit before that of a victim.
 *
 * @throws {RateLimited}
 */
export async function countEvent(...counted: Counted[]): Promise<void> {
  for (const [limit, of] of counted) {
    if (of === null) continue
    try {
      await limiterOf(limit).consume(keyOf(of))
    } catch (rejected) {
      // Next bundles the library once for pages and once for route handlers, so its class exists twice. It rejects with
      // no Error when a limit is used up.
      if (rejected instanceof Error) throw rejected
      throw new RateLimited(limit.name, (rejected as RateLimiterRes).msBeforeNext)
    }
  }
}

type Attempt<T> = {
  /** The limit by network. A success takes back its own count, and no more: attackers have accounts too. */
  network: Counted
  /** The limit by address. A success resets it, since it proves the owner. */
  address: Counted | null
  /** Whether an error is a wrong guess. Any other error is not counted. */
  isWrongGuess(error: unknown): boolean
  attempt(): Promise<T>
}

/**
 * Counts wrong guesses. It counts before the attempt and takes the count back after it. If it counted afterwards,
 * parallel attempts would all pass the check.
 *
 * @throws {RateLimited} and what the attempt throws
 */
export async function countWrongGuesses<T>(given: Attempt<T>): Promise<T> {
  const { network, address, isWrongGuess, attempt } = given
  await countEvent(network, ...(address ? [address] : []))
  try {
    const result = await attempt()
    await Promise.all([takeBack(network), address && reset(address)])
    return result
  } catch (error) {
    if (!isWrongGuess(error)) await Promise.all([takeBack(network), address && takeBack(address)])
    throw error
  }
}

async function takeBack([limit, of]: Counted): Promise<void> {
  if (of !== null) await limiterOf(limit).reward(keyOf(of))
}

async function reset([limit, of]: Counted): Promise<void> {
  if (of !== null) await limiterOf(limit).delete(keyOf(of))
}
