import { describe, expect, it } from 'vitest'
import { presets } from './policy'
import { createPolicyMemory } from './policy-source'

const fallback = { ...presets['before-the-migration'], version: 0 }

/** A source that can be changed, broken and counted, and a clock that stands until it is moved. */
function setUp() {
  const state = { version: 1, broken: false, calls: 0, now: 0, background: [] as Promise<void>[] }
  const current = createPolicyMemory(
    async () => {
      state.calls += 1
      if (state.broken) throw new Error('away')
      return { ...presets['zero-downtime'], version: state.version }
    },
    fallback,
    () => state.now,
  )
  return {
    state,
    version: async () => (await current((work) => state.background.push(work))).version,
  }
}

describe('the policy at the edge', () => {
  it('is fetched before the first request is decided', async () => {
    expect(await setUp().version()).toBe(1)
  })

  it('is fetched once for requests that come together, and not at all within half a second', async () => {
    const { state, version } = setUp()
    await Promise.all([version(), version(), version()])
    state.now = 499
    await version()
    expect(state.calls).toBe(1)
  })

  it('is in force three seconds after a change at the latest, however few the requests', async () => {
    const { state, version } = setUp()
    await version()
    state.version = 2
    state.now = 3_000
    expect(await version()).toBe(2)
  })

  it('is fetched beside a busy stream of requests, none of which waits', async () => {
    const { state, version } = setUp()
    await version()
    state.version = 2
    state.now = 1_500
    expect(await version()).toBe(1)
    await Promise.all(state.background)
    expect(await version()).toBe(2)
  })

  it('stays as it was last known when the source is away, and no request waits for it', async () => {
    const { state, version } = setUp()
    await version()
    state.broken = true
    state.now = 60_000
    expect(await version()).toBe(1)
    const calls = state.calls
    state.now = 61_000
    expect(await version()).toBe(1)
    expect(state.calls).toBe(calls)
    state.broken = false
    state.version = 7
    state.now = 62_100
    expect(await version()).toBe(7)
  })

  it('is the fallback, which keeps everybody on legacy, until the source has answered once', async () => {
    const { state, version } = setUp()
    state.broken = true
    expect(await version()).toBe(0)
    expect(fallback.cohort).toBe('nobody')
  })
})
