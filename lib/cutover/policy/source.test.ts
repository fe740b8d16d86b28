import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '@/sandbox/settings'
import { problemsOf } from '../../environment-testing'
import { beforeTheMigration, presets } from './document'
import { fallbackPolicy, httpPolicySource, parseFallback } from './source'

describe('the source over HTTP', () => {
  const { signal } = new AbortController()
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

  it('returns the policy and its version, and sends a key that can only read', async () => {
    const fetched = answer(200, good)
    expect(await httpPolicySource(signal)).toEqual(good)
    const headers = new Headers(fetched.mock.calls[0]?.[1]?.headers)
    expect(headers.get('authorization')).toBe(`Bearer ${appEnvironment.POLICY_READER_SECRET}`)
  })

  it('sends the first of several keys, which has nothing to do with the secret of the cookies', async () => {
    vi.resetModules()
    vi.stubEnv('POLICY_READER_SECRET', `${'n'.repeat(32)},${'o'.repeat(32)}`)
    vi.stubEnv('COOKIE_SECRET', 'c'.repeat(32))
    const fetched = answer(200, good)
    await (await import('./source')).httpPolicySource(signal)
    const headers = new Headers(fetched.mock.calls[0]?.[1]?.headers)
    expect(headers.get('authorization')).toBe(`Bearer ${'n'.repeat(32)}`)
  })

  it('bypasses every cache, and stops when the signal is aborted', async () => {
    const fetched = answer(200, good)
    await httpPolicySource(signal)
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ cache: 'no-store', signal })
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
    await expect(httpPolicySource(signal)).rejects.toThrow()
  })

  it('has a fallback that keeps everybody on legacy, unless the environment says otherwise', () => {
    expect(fallbackPolicy()).toMatchObject({ cohort: 'nobody', version: 0 })
  })
})

describe('POLICY_FALLBACK', () => {
  it('keeps everybody on legacy when it is not set', () => {
    expect(parseFallback('')).toEqual(beforeTheMigration)
  })

  it('is a policy as JSON', () => {
    expect(parseFallback('{"cohort":"everybody","carrySessions":true}')).toEqual({
      cohort: 'everybody',
      carrySessions: true,
      note: '',
    })
  })

  it.each([
    ['text that is not JSON', 'everybody', 'not JSON'],
    [
      'a field that is wrong, by its path',
      '{"cohort":{"percent":101},"carrySessions":true}',
      'cohort.percent',
    ],
  ])('is refused for %s', (_, text, problem) => {
    const problems = problemsOf(() => parseFallback(text))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})
