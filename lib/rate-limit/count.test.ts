import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import type { Database } from '../db/database'
import { closeTestDatabase, openTestDatabase } from '../db/testing'
import { countEvent, countWrongGuesses } from './count'
import { forgetLimiters } from './limiter'
import { limits } from './limits'
import { RateLimited, waitText } from './rate-limited'

let db: Database
beforeEach(async () => {
  Object.assign(process.env, appEnvironment)
  forgetLimiters()
  db = await openTestDatabase()
})
afterEach(() => vi.useRealTimers())

const victim = 'grace@example.com'
const office = '203.0.113.9'
const points = limits.codeByAddress.points

class WrongCode extends Error {}
let checked = 0
/** Checks a code as Stytch does. */
const guess = (code: string, { email = victim, network = null as string | null } = {}) =>
  countWrongGuesses({
    network: [limits.codeByNetwork, network],
    address: [limits.codeByAddress, email],
    isWrongGuess: (error) => error instanceof WrongCode,
    attempt: async () => {
      checked += 1
      if (code === 'down') throw new Error('Stytch does not answer')
      if (code !== 'right') throw new WrongCode()
      return 'signed in'
    },
  })
const wrong = (count: number, options = {}) =>
  Promise.allSettled(Array.from({ length: count }, () => guess('wrong', options)))

describe('codes and passwords', () => {
  it('40 wrong codes at once: five are checked, and the right one is refused afterwards', async () => {
    checked = 0
    await wrong(40)
    expect(checked).toBe(points)
    await expect(guess('right')).rejects.toMatchObject({ code: 'too_many_attempts' })
    expect(checked).toBe(points)
  })

  it('count over instances', async () => {
    await wrong(points)
    forgetLimiters()
    await expect(guess('right')).rejects.toThrow(RateLimited)
  })

  it('do not lock the owner out for longer than the window, however often an attacker tries', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await wrong(points)
    vi.setSystemTime(Date.now() + (limits.codeByAddress.seconds - 1) * 1_000)
    await wrong(3)
    await expect(guess('right')).rejects.toMatchObject({ retryAfterSeconds: 1 })
    vi.setSystemTime(Date.now() + 1_001)
    expect(await guess('right')).toBe('signed in')
  })

  it('a right code resets the count of its address', async () => {
    await wrong(points - 1)
    await guess('right')
    await wrong(points - 1)
    expect(await guess('right')).toBe('signed in')
  })

  it('an attacker who also signs in to an own account does not reset the count of their network', async () => {
    const { points: most } = limits.codeByNetwork
    for (let n = 0; n < most; n++) {
      await wrong(1, { email: `victim-${n}@example.com`, network: office })
      if (n === most - 2) await guess('right', { email: 'mallory@example.com', network: office })
    }
    await expect(guess('right', { email: victim, network: office })).rejects.toThrow(RateLimited)
  })

  it('a network that is used up cannot use up the count of a victim', async () => {
    const { points: most } = limits.codeByNetwork
    for (let n = 0; n < most; n++)
      await wrong(1, { email: `victim-${n}@example.com`, network: office })
    await wrong(points, { network: office })
    expect(await guess('right', { network: '198.51.100.1' })).toBe('signed in')
  })

  it('an outage of the provider counts for nobody', async () => {
    for (let n = 0; n < points * 2; n++) await expect(guess('down')).rejects.toThrow('not answer')
    expect(await guess('right')).toBe('signed in')
  })

  it('without a known network, only the address counts', async () => {
    await wrong(points, { email: 'a@example.com' })
    expect(await guess('right', { email: 'b@example.com' })).toBe('signed in')
  })
})

describe('the table', () => {
  it('holds neither an address nor a network in clear, nor a plain hash of one', async () => {
    await wrong(2, { network: office })
    const { rows } = await db.execute(sql`select * from rate_limits`)
    expect(rows).toHaveLength(2)
    const text = JSON.stringify(rows)
    const plain = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(victim))
    for (const secret of [victim, office, Buffer.from(plain).toString('base64url')])
      expect(text).not.toContain(secret)
  })

  it('is emptied of expired rows by the library', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    await countEvent([limits.mailByAddress, victim])
    vi.setSystemTime(Date.now() + (limits.mailByAddress.seconds + 60 * 60) * 1_000)
    vi.advanceTimersByTime(5 * 60_000)
    vi.useRealTimers()
    await expect
      .poll(async () => (await db.execute(sql`select * from rate_limits`)).rows)
      .toEqual([])
  })
})

describe('while the database is down', () => {
  it('people still sign in, and an instance refuses more wrong codes than the limit', async () => {
    await closeTestDatabase()
    expect(await guess('right')).toBe('signed in')
    checked = 0
    await wrong(40)
    expect(checked).toBe(points)
    await expect(guess('right')).rejects.toThrow(RateLimited)
  })
})

it.each([
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [61, '2 minutes'],
  [240, '4 minutes'],
])('a wait of %d seconds is told as %s', (seconds, text) => {
  expect(waitText(seconds)).toBe(text)
})
