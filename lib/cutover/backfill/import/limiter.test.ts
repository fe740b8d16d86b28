import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import type { Database } from '../../../db/database'
import { openTestDatabase } from '../../../db/testing'
import { ProviderFailure } from '../../../provider-failure'
import { createLimiter } from './limiter'
import { endStorm, pauseAll, takeStart } from './pace'
import { backfillPace } from './schema'

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
})
beforeEach(() => db.delete(backfillPace))

/** Several processes with one clock, which moves only when everybody waits. The pace is in the real database. */
function simulate(rate: number, processes: number, latency: () => number) {
  let now = 1_000_000
  const clock = () => sql`to_timestamp(${now}::float8 / 1000)`
  const starts: number[] = []
  const pace = {
    take: async (spacing: number) => {
      const answer = await takeStart(spacing, clock())
      now += latency()
      return answer
    },
    pause: (at: number) => pauseAll(at, clock()),
    endStorm,
  }
  const limiters = Array.from({ length: processes }, () =>
    createLimiter(rate, {
      pace,
      clock: () => now,
      // Two processes that wait at the same time wait once.
      wait: async (milliseconds) => {
        const until = now + milliseconds
        await new Promise(setImmediate)
        now = Math.max(now, until)
      },
    }),
  )
  return {
    starts,
    limiters,
    get now() {
      return now
    },
    start: () => {
      starts.push(now)
    },
  }
}

const largestWindow = (starts: number[]): number =>
  Math.max(
    ...starts.map((start) => starts.filter((each) => each >= start && each < start + 1_000).length),
  )

it('never starts more than the rate in any window of a second, over all processes and with late answers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 65 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 }),
      // Every so many answers come too late. If all were late, no call would ever start.
      fc.integer({ min: 6, max: 20 }),
      async (rate, processes, latencies, lateTurn) => {
        await db.delete(backfillPace)
        let turn = 0
        const latency = () =>
          ++turn % lateTurn === 0 ? 150 : (latencies[turn % latencies.length] ?? 0)
        const all = simulate(rate, processes, latency)
        const calls = Array.from({ length: Math.min(2 * rate + 1, 40) }, (_, index) =>
          all.limiters[index % processes]?.(async () => all.start()),
        )
        await Promise.all(calls)
        expect(all.starts).toHaveLength(calls.length)
        expect(largestWindow(all.starts)).toBeLessThanOrEqual(rate)
      },
    ),
    { numRuns: 15 },
  )
})

it('reaches the rate, but for the slack', async () => {
  const all = simulate(50, 1, () => 0)
  const begin = all.now
  await Promise.all(Array.from({ length: 101 }, () => all.limiters[0]?.(async () => all.start())))
  expect(all.now - begin).toBeLessThan(2_300)
})

it('pauses all processes after an answer 429, longer each time, and makes the call again', async () => {
  const all = simulate(10, 2, () => 0)
  const [first, second] = all.limiters
  let refusals = 3
  await first?.(async () => {
    all.start()
    if (refusals-- > 0) throw new ProviderFailure('stytch', 'rate_limited', 'too_many_requests')
  })
  const waits = all.starts.slice(1).map((start, index) => start - (all.starts[index] ?? 0))
  expect(waits).toEqual([1_000, 2_000, 4_000])
  await second?.(async () => all.start())
  // The last call succeeded, so the next pause is short again.
  const [pace] = await db.select().from(backfillPace)
  expect(pace?.strikes).toBe(0)
})

it('makes no call again after an answer 429 while the run is paused', async () => {
  let resume = () => {}
  const resumed = new Promise<void>((resolve) => {
    resume = resolve
  })
  let asked = () => {}
  const isHeld = new Promise<void>((resolve) => {
    asked = resolve
  })
  const limiter = createLimiter(10, {
    pace: {
      take: async () => ({ isGranted: true, at: 0, strikes: 0 }),
      pause: async () => {},
      endStorm: async () => {},
    },
    beforeRetry: () => {
      asked()
      return resumed
    },
  })
  let calls = 0
  const answer = limiter(async () => {
    calls += 1
    if (calls === 1) throw new ProviderFailure('stytch', 'rate_limited', 'too_many_requests')
    return 'created'
  })
  await isHeld
  expect(calls).toBe(1)
  resume()
  expect(await answer).toBe('created')
  expect(calls).toBe(2)
})

it('counts a storm of answers 429 to calls from before the pause once', async () => {
  const clock = sql`to_timestamp(1000)`
  await takeStart(0, clock)
  const granted = await Promise.all(Array.from({ length: 20 }, () => takeStart(0, clock)))
  await Promise.all(granted.map((each) => each.isGranted && pauseAll(each.at, clock)))
  expect(await takeStart(10, clock)).toEqual({ isGranted: false, waitMilliseconds: 1_000 })
})
