import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '@/sandbox/settings'
import { type PolicyInForce, presets } from './document'
import { createPolicyMemory } from './memory'
import { fallbackPolicy, httpPolicySource } from './source'

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

  it('stays as it was last known while the source hangs: a request waits for a moment at most', async () => {
    vi.useFakeTimers()
    let isHanging = false
    let now = 0
    const policy: PolicyInForce = { ...presets['zero-downtime'], version: 1 }
    const current = createPolicyMemory(
      () => (isHanging ? new Promise<never>(() => undefined) : Promise.resolve(policy)),
      fallback,
      () => now,
    )
    await current(() => undefined)
    isHanging = true
    now = 60_000
    const decided = current(() => undefined)
    await vi.advanceTimersByTimeAsync(150)
    expect((await decided).version).toBe(1)
  })

  it('asks a source that was away at the first start again after a pause, and not with every request', async () => {
    const { state, version } = setUp()
    state.broken = true
    await version()
    await version()
    state.now = 1_999
    await version()
    expect(state.calls).toBe(1)
    state.broken = false
    state.now = 2_000
    expect(await version()).toBe(1)
  })
})

describe('the source over HTTP', () => {
  const answer = (status: number, body: unknown) => {
    const fetched = vi.fn(async (_url: unknown, _init?: RequestInit) => {
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })
    })
    vi.stubGlobal('fetch', fetched)
    return fetched
  }
  const good = { ...presets['all-at-once'], version: 4 }

  beforeEach(() => {
    for (const [name, value] of Object.entries(appEnvironment)) vi.stubEnv(name, value)
  })

  it('gives the policy and its version, and shows a key that can only read', async () => {
    const fetched = answer(200, good)
    expect(await httpPolicySource()).toEqual(good)
    const headers = new Headers(fetched.mock.calls[0]?.[1]?.headers)
    expect(headers.get('authorization')).toMatch(/^Bearer [0-9a-f]{64}$/)
  })

  it.each([
    ['an error', 500, good],
    ['a refusal', 401, { error: { code: 'not_signed_in' } }],
    ['no version', 200, presets['all-at-once']],
    ['a version that is no number', 200, { ...good, version: '4' }],
    ['no policy', 200, { version: 4 }],
    ['a policy that nobody may write', 200, { ...good, cohort: { percent: 101 } }],
    ['a page', 200, '<!doctype html>'],
  ])('refuses %s, so that the last known policy stays', async (_, status, body) => {
    answer(status, body)
    await expect(httpPolicySource()).rejects.toThrow()
  })

  it('has a fallback that keeps everybody on legacy, unless the environment says otherwise', () => {
    expect(fallbackPolicy()).toMatchObject({ cohort: 'nobody', version: 0 })
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
