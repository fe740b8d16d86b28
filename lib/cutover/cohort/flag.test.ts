import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter } from 'flags'
import { flag } from 'flags/next'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rolling, visitor } from '../testing'
import { authFlow, cohortOf, type FlagEntities } from './flag'
import type { Cohort, Visitor } from './rules'

const tenth = rolling({ percent: 10, countries: ['NZ'] })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the flag', () => {
  it.each<[string, Partial<Visitor>, Cohort]>([
    ['outside the percentage', {}, { flow: 'legacy', reason: 'percent' }],
    ['inside the percentage', { bucket: 999 }, { flow: 'stytch', reason: 'percent' }],
    ['by a rule', { country: 'NZ' }, { flow: 'stytch', reason: 'country' }],
  ])('decides by the policy: %s', async (_, who, cohort) => {
    expect(await cohortOf({ id: 'x', policy: tenth, visitor: visitor(who) })).toEqual(cohort)
  })

  it('returns the legacy flow when its adapter fails', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const nothing = undefined as unknown as FlagEntities
    expect(await cohortOf(nothing)).toEqual({ flow: 'legacy', reason: 'flag_failed' })
  })

  it('passes no cookie and no header to its adapter', async () => {
    const decide = vi.spyOn(authFlow.adapter as Adapter<Cohort, FlagEntities>, 'decide')
    await cohortOf({ id: 'x', policy: tenth, visitor: visitor() })
    const given = decide.mock.calls[0]?.[0]
    expect([...(given?.headers ?? ['missing'])]).toEqual([])
    expect(given?.cookies.getAll()).toEqual([])
  })
})

describe('an adapter of a flag vendor', () => {
  /** Plays the SDK of a vendor that keeps its own percentages. */
  const vendor = { isOn: async (_key: string, who: { id: string }) => who.id === 'ada' }

  // begin vendor adapter
  const vendorAdapter = (): Adapter<Cohort, FlagEntities> => ({
    async decide({ key, entities }) {
      if (!entities || entities.policy.cohort === 'nobody') {
        return { flow: 'legacy', reason: 'nobody' }
      }
      const isOn = await vendor.isOn(key, { id: entities.id })
      return { flow: isOn ? 'stytch' : 'legacy', reason: 'percent' }
    },
  })
  // end vendor adapter

  it('replaces the policy in one line of the declaration', async () => {
    const vendorFlag = flag<Cohort, FlagEntities>({ key: 'auth-flow', adapter: vendorAdapter() })
    const run = (id: string, policy = tenth) =>
      vendorFlag.run({
        identify: { id, policy, visitor: visitor() },
        request: { headers: new Headers() } as Request,
      })
    expect(await run('ada')).toEqual({ flow: 'stytch', reason: 'percent' })
    expect(await run('grace')).toEqual({ flow: 'legacy', reason: 'percent' })
    // The operator's rollback overrides the vendor.
    expect(await run('ada', { ...tenth, cohort: 'nobody' })).toEqual({
      flow: 'legacy',
      reason: 'nobody',
    })
  })

  it('is printed in the decision record as it is tested here', () => {
    const own = readFileSync(import.meta.filename, 'utf8')
    const [, snippet = ''] = /\/\/ begin vendor adapter\n(.*?) *\/\/ end/s.exec(own) ?? []
    const record = readFileSync(
      join(import.meta.dirname, '../../../docs/decisions/0009-the-flag.md'),
      'utf8',
    )
    expect(snippet.length).toBeGreaterThan(100)
    expect(record).toContain(snippet.replaceAll(/^ {2}/gm, ''))
  })
})
