import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, decideCohort, type Visitor } from './cohort'
import { type Policy, policySchema, type Rules } from './policy'

const visitor = (over: Partial<Visitor> = {}): Visitor => ({
  bucket: 5_000,
  pin: null,
  organization: null,
  appVersion: null,
  ip: null,
  country: null,
  ...over,
})
const rolling = (rules: Partial<Rules>): Policy =>
  policySchema.parse({ cohort: rules, carrySessions: true })
const all = {
  percent: 0,
  organizations: ['acme'],
  minAppVersion: '4.2.0',
  ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
  countries: ['NZ'],
}

describe('decideCohort', () => {
  it.each([
    ['nobody', { cohort: 'nobody', carrySessions: true, note: '' }, {}, 'legacy', 'nobody'],
    [
      'nobody, though pinned',
      { cohort: 'nobody', carrySessions: true, note: '' },
      { pin: 'stytch' },
      'legacy',
      'nobody',
    ],
    [
      'everybody',
      { cohort: 'everybody', carrySessions: true, note: '' },
      {},
      'stytch',
      'everybody',
    ],
    [
      'organization first',
      rolling(all),
      { organization: 'acme', pin: 'legacy' },
      'stytch',
      'organization',
    ],
    ['another organization', rolling(all), { organization: 'globex' }, 'legacy', 'percent'],
    ['pin before version', rolling(all), { pin: 'stytch', appVersion: '1.0.0' }, 'stytch', 'pin'],
    ['old app', rolling(all), { appVersion: '4.1.9', country: 'NZ' }, 'legacy', 'app_version'],
    [
      'app without a readable version',
      rolling(all),
      { appVersion: 'nightly', country: 'NZ' },
      'legacy',
      'app_version',
    ],
    [
      'new app goes on to the next rule',
      rolling(all),
      { appVersion: '4.2.0', country: 'NZ' },
      'stytch',
      'country',
    ],
    ['ip', rolling(all), { ip: '203.0.113.9' }, 'stytch', 'ip_range'],
    ['ip written as IPv6', rolling(all), { ip: '::ffff:203.0.113.9' }, 'stytch', 'ip_range'],
    ['IPv6', rolling(all), { ip: '2001:db8::1' }, 'stytch', 'ip_range'],
    ['another ip', rolling(all), { ip: '198.51.100.1' }, 'legacy', 'percent'],
    ['no ip at all', rolling(all), { ip: 'unknown' }, 'legacy', 'percent'],
    ['country', rolling(all), { country: 'NZ' }, 'stytch', 'country'],
    ['in the share', rolling({ percent: 50 }), { bucket: 4_999 }, 'stytch', 'percent'],
    ['outside the share', rolling({ percent: 50 }), { bucket: 5_000 }, 'legacy', 'percent'],
    ['0 percent is nobody', rolling({ percent: 0 }), { bucket: 0 }, 'legacy', 'percent'],
    ['100 percent is everybody', rolling({ percent: 100 }), { bucket: 9_999 }, 'stytch', 'percent'],
  ] as [string, Policy, Partial<Visitor>, string, string][])(
    '%s',
    (_, policy, who, flow, reason) => {
      expect(decideCohort(policy, visitor(who))).toEqual({ flow, reason })
    },
  )

  it('never moves anyone back when the percentage is raised', () => {
    const percents = fc.float({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), percents, percents, (bucket, a, b) => {
        const [lower, higher] = [Math.min(a, b), Math.max(a, b)]
        const before = decideCohort(rolling({ percent: lower }), visitor({ bucket }))
        const after = decideCohort(rolling({ percent: higher }), visitor({ bucket }))
        expect(before.flow === 'stytch' && after.flow === 'legacy').toBe(false)
      }),
    )
  })
})

describe('bucketOf', () => {
  it('is stable', async () => {
    expect(await bucketOf('cutover-1', 'ada')).toBe(await bucketOf('cutover-1', 'ada'))
  })

  it('gives a quarter of 20,000 visitors the first 2,500 buckets, within one percent', async () => {
    const buckets = await Promise.all(
      Array.from({ length: 20_000 }, (_, id) => bucketOf('cutover-1', `visitor-${id}`)),
    )
    const share = buckets.filter((bucket) => bucket < 2_500).length / buckets.length
    expect(share).toBeGreaterThan(0.24)
    expect(share).toBeLessThan(0.26)
    expect(
      buckets.every((bucket) => Number.isInteger(bucket) && bucket >= 0 && bucket < 10_000),
    ).toBe(true)
  })

  it('is independent of another salt', async () => {
    const ids = Array.from({ length: 10_000 }, (_, id) => `visitor-${id}`)
    const both = await Promise.all(
      ids.map(
        async (id) => (await bucketOf('one', id)) < 5_000 && (await bucketOf('two', id)) < 5_000,
      ),
    )
    expect(both.filter(Boolean).length / ids.length).toBeCloseTo(0.25, 1)
  })
})
