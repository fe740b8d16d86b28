import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type PolicyInForce, presets } from './document'
import { createPolicyMemory } from './memory'

const fallback = { ...presets['before-the-migration'], version: 0 }
const policy = (version: number): PolicyInForce => ({ ...presets['zero-downtime'], version })

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  // A failed fetch is logged.
  vi.spyOn(console, 'error').mockReturnValue(undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/**
 * A source that reads the policy `readAfter` milliseconds after the call, and answers `answerAfter` milliseconds
 * after the call. It can also fail or hang. Time stands still until a test moves it.
 */
function setUp() {
  const state = {
    version: 1,
    mode: 'up' as 'up' | 'broken' | 'hanging',
    readAfter: 0,
    answerAfter: 0,
    calls: 0,
    aborted: 0,
    background: [] as Promise<void>[],
  }
  const current = createPolicyMemory(async (signal) => {
    state.calls += 1
    signal.addEventListener('abort', () => {
      state.aborted += 1
    })
    if (state.mode === 'broken') throw new Error('away')
    if (state.mode === 'hanging') return new Promise(() => undefined)
    const { readAfter, answerAfter } = state
    if (readAfter > 0) await sleep(readAfter)
    const { version } = state
    if (answerAfter > readAfter) await sleep(answerAfter - readAfter)
    return policy(version)
  }, fallback)
  return {
    state,
    /** The version that a request gets now. */
    version: async () => (await current((work) => state.background.push(work))).version,
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Advances the time, and returns whether the request is still waiting. */
async function isWaitingAfter(milliseconds: number, request: Promise<unknown>): Promise<boolean> {
  let isWaiting = true
  const done = () => {
    isWaiting = false
  }
  request.then(done)
  await vi.advanceTimersByTimeAsync(milliseconds)
  return isWaiting
}

describe('the cached policy', () => {
  it('is fetched before the first request of a process is decided', async () => {
    const { state, version } = setUp()
    state.answerAfter = 1_900
    const first = version()
    expect(await isWaitingAfter(1_899, first)).toBe(true)
    expect(await isWaitingAfter(1, first)).toBe(false)
    expect(await first).toBe(1)
  })

  it('is fetched once for requests that come together, and not at all within half a second', async () => {
    const { state, version } = setUp()
    state.answerAfter = 100
    const burst = Promise.all(Array.from({ length: 400 }, version))
    await vi.advanceTimersByTimeAsync(499)
    expect(new Set(await burst)).toEqual(new Set([1]))
    expect(await version()).toBe(1)
    expect(state.calls).toBe(1)
  })

  it('is fetched in the background of a busy stream of requests, and none of them waits', async () => {
    const { state, version } = setUp()
    await version()
    state.version = 2
    state.answerAfter = 1_000
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await version()).toBe(1)
    expect(await version()).toBe(1)
    expect(state.calls).toBe(2)
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all(state.background)
    expect(await version()).toBe(2)
  })

  it('is the new one for all requests of a burst after an idle time, because they wait for it', async () => {
    const { state, version } = setUp()
    await version()
    state.version = 2
    state.answerAfter = 1_900
    await vi.advanceTimersByTimeAsync(5_000)
    const burst = Promise.all(Array.from({ length: 400 }, version))
    expect(await isWaitingAfter(1_899, burst)).toBe(true)
    expect(await isWaitingAfter(1, burst)).toBe(false)
    expect(new Set(await burst)).toEqual(new Set([2]))
    expect(state.calls).toBe(2)
  })

  it('has the age of the start of its fetch, so a slow answer does not make it fresh', async () => {
    const { state, version } = setUp()
    state.answerAfter = 1_900
    const first = version()
    await vi.advanceTimersByTimeAsync(1_900)
    expect(await first).toBe(1)
    state.version = 2
    state.answerAfter = 100
    // 2.5 s after the start of the fetch, and only 600 ms after its answer.
    await vi.advanceTimersByTimeAsync(600)
    const later = version()
    expect(await isWaitingAfter(99, later)).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(await later).toBe(2)
  })

  it('does not come from a fetch that the host froze together with the process', async () => {
    const { state, version } = setUp()
    await version()
    await vi.advanceTimersByTimeAsync(1_000)
    state.answerAfter = 100
    expect(await version()).toBe(1)
    // The process wakes up a minute later. Its timers have not run, and the answer has not arrived.
    vi.setSystemTime(60_000)
    state.version = 2
    const first = version()
    expect(state.calls).toBe(3)
    await vi.advanceTimersByTimeAsync(100)
    expect(await first).toBe(2)
  })

  it('is not replaced by the late answer of an earlier fetch', async () => {
    const answers: ((version: number) => void)[] = []
    const current = createPolicyMemory(
      () => new Promise((resolve) => answers.push((version) => resolve(policy(version)))),
      fallback,
    )
    const version = async () => (await current(() => undefined)).version
    const early = version()
    vi.setSystemTime(2_000)
    const late = version()
    answers[1]?.(2)
    expect(await late).toBe(2)
    answers[0]?.(1)
    expect(await early).toBe(2)
    expect(await version()).toBe(2)
  })

  it('is fetched again when the clock was set back, since its age is then unknown', async () => {
    const { state, version } = setUp()
    await version()
    state.version = 2
    vi.setSystemTime(-3_600_000)
    expect(await version()).toBe(2)
  })
})

describe('when the source does not answer, the cached policy', () => {
  it('stays as it was last known, and no request waits for two seconds', async () => {
    const { state, version } = setUp()
    await version()
    state.mode = 'broken'
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await version()).toBe(1)
    await vi.advanceTimersByTimeAsync(1_999)
    expect(await version()).toBe(1)
    expect(state.calls).toBe(2)
    state.mode = 'up'
    state.version = 7
    await vi.advanceTimersByTimeAsync(1)
    expect(await version()).toBe(7)
  })

  it('is the fallback until the source has answered once', async () => {
    const { state, version } = setUp()
    state.mode = 'broken'
    expect(await version()).toBe(0)
    expect(await version()).toBe(0)
    expect(state.calls).toBe(1)
    state.mode = 'up'
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await version()).toBe(1)
  })

  it.each([
    ['first requests', false, 0],
    ['requests after an idle time', true, 1],
  ])(
    'delays %s until the deadline once, and delays no request during the pause',
    async (_, isWarm, expected) => {
      const { state, version } = setUp()
      if (isWarm) await version()
      state.mode = 'hanging'
      await vi.advanceTimersByTimeAsync(60_000)
      const burst = Promise.all(Array.from({ length: 400 }, version))
      expect(await isWaitingAfter(1_000, burst)).toBe(true)
      // A request that comes later waits for the same fetch, and no longer.
      const joined = version()
      expect(await isWaitingAfter(999, burst)).toBe(true)
      expect(await isWaitingAfter(1, Promise.all([burst, joined]))).toBe(false)
      expect(new Set(await burst)).toEqual(new Set([expected]))
      expect(state.aborted).toBe(1)
      const calls = state.calls
      await vi.advanceTimersByTimeAsync(1_999)
      expect(await isWaitingAfter(0, version())).toBe(false)
      expect(state.calls).toBe(calls)
    },
  )

  it('ignores the answer that comes after the deadline', async () => {
    const { state, version } = setUp()
    await version()
    await vi.advanceTimersByTimeAsync(10_000)
    state.answerAfter = 2_500
    const waiting = version()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await waiting).toBe(1)
    state.version = 2
    state.answerAfter = 0
    // The late answer came at 2.5 s, with version 1. The pause ends at 4 s.
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await version()).toBe(2)
  })

  it('pauses from the deadline on, and not from when a frozen process wakes up', async () => {
    const { state, version } = setUp()
    await version()
    state.mode = 'hanging'
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await version()).toBe(1)
    vi.setSystemTime(60_000)
    state.mode = 'up'
    state.version = 2
    await vi.runAllTimersAsync()
    expect(await version()).toBe(2)
  })
})

it('is never older than five seconds while the source answers, for random failures, changes and requests', async () => {
  const latency = fc.integer({ min: 0, max: 1_999 })
  const step = fc.record({
    gap: fc.integer({ min: 0, max: 7_000 }),
    does: fc.constantFrom(
      ...(['request', 'request', 'request', 'change', 'up', 'up', 'broken', 'hanging'] as const),
    ),
    readAfter: latency,
    answerAfter: latency,
  })
  let checked = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
      async (steps) => {
        const { state, version } = setUp()
        let upSince = Number.NEGATIVE_INFINITY
        /** When each version was put in force. The index is the version. */
        const changes = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
        const requests: Promise<void>[] = []
        for (const { gap, does, ...delays } of steps) {
          await vi.advanceTimersByTimeAsync(gap)
          Object.assign(state, delays)
          if (does === 'change') {
            state.version = changes.push(Date.now()) - 1
          } else if (does === 'request') {
            const fiveSecondsAgo = Date.now() - 5_000
            const isUp = state.mode === 'up' && upSince <= fiveSecondsAgo
            const oldest = isUp ? changes.findLastIndex((at) => at <= fiveSecondsAgo) : 0
            requests.push(version().then((seen) => expect(seen).toBeGreaterThanOrEqual(oldest)))
            if (oldest > 1) checked += 1
          } else {
            if (does === 'up' && state.mode !== 'up') upSince = Date.now()
            state.mode = does
          }
        }
        await vi.advanceTimersByTimeAsync(2_000)
        await Promise.all(requests)
      },
    ),
    { numRuns: 300 },
  )
  // Fails when too few of the random requests could have seen an old version.
  expect(checked).toBeGreaterThan(300)
})
