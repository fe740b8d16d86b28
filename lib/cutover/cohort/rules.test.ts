import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Policy } from '../policy/document'
import { rolling, visitor } from '../testing'
import { bucketOf } from './bucket'
import { type Cohort, decideCohort, type Visitor } from './rules'

const all = {
  percent: 0,
  organizations: ['acme'],
  newSignUps: true,
  minAppVersion: '4.2.0',
  ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
  countries: ['NZ'],
}

describe('decideCohort', () => {
  it.each([
    ['nobody', { cohort: 'nobody', carrySessions: true, note: '' }, {}, 'legacy', 'nobody'],
    [
      'nobody, in spite of a pin',
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
      'pin before organization',
      rolling(all),
      { organization: 'acme', pin: 'legacy' },
      'legacy',
      'pin',
    ],
    ['another organization', rolling(all), { organization: 'globex' }, 'legacy', 'percent'],
    ['pin before version', rolling(all), { pin: 'stytch', appVersion: '1.0.0' }, 'stytch', 'pin'],
    ['new sign-up', rolling({ newSignUps: true }), { isNewSignUp: true }, 'stytch', 'new_sign_up'],
    ['new sign-ups only: everybody else', rolling({ newSignUps: true }), {}, 'legacy', 'percent'],
    ['a sign-up without the rule', rolling({}), { isNewSignUp: true }, 'legacy', 'percent'],
    [
      'a new sign-up with an old app',
      rolling(all),
      { isNewSignUp: true, appVersion: '1.0.0' },
      'stytch',
      'new_sign_up',
    ],
    [
      'a sign-up for an organization',
      rolling(all),
      { isNewSignUp: true, organization: 'globex' },
      'legacy',
      'percent',
    ],
    [
      'a sign-up after a rollback',
      { cohort: 'nobody', carrySessions: true, note: '' },
      { isNewSignUp: true },
      'legacy',
      'nobody',
    ],
    ['old app', rolling(all), { appVersion: '4.1.9', country: 'NZ' }, 'legacy', 'app_version'],
    [
      'app with an unreadable version',
      rolling(all),
      { appVersion: 'nightly', country: 'NZ' },
      'legacy',
      'app_version',
    ],
    [
      'new app: the next rule decides',
      rolling(all),
      { appVersion: '4.2.0', country: 'NZ' },
      'stytch',
      'country',
    ],
    ['ip', rolling(all), { ip: '203.0.113.9' }, 'stytch', 'ip_range'],
    ['ip written as IPv6', rolling(all), { ip: '::ffff:203.0.113.9' }, 'stytch', 'ip_range'],
    ['IPv6', rolling(all), { ip: '2001:db8::1' }, 'stytch', 'ip_range'],
    [
      'a range written as IPv6',
      rolling({ ipRanges: ['::ffff:203.0.113.0/120'] }),
      { ip: '203.0.113.9' },
      'stytch',
      'ip_range',
    ],
    [
      'outside a range written as IPv6',
      rolling({ ipRanges: ['::ffff:203.0.113.0/120'] }),
      { ip: '203.0.114.9' },
      'legacy',
      'percent',
    ],
    [
      'an IPv6 range does not match an IPv4 address',
      rolling({ ipRanges: ['::/0'] }),
      { ip: '203.0.113.9' },
      'legacy',
      'percent',
    ],
    ['another ip', rolling(all), { ip: '198.51.100.1' }, 'legacy', 'percent'],
    ['no ip at all', rolling(all), { ip: 'unknown' }, 'legacy', 'percent'],
    ['country', rolling(all), { country: 'NZ' }, 'stytch', 'country'],
    ['inside the percentage', rolling({ percent: 50 }), { bucket: 4_999 }, 'stytch', 'percent'],
    ['outside the percentage', rolling({ percent: 50 }), { bucket: 5_000 }, 'legacy', 'percent'],
    ['0 percent is nobody', rolling({ percent: 0 }), { bucket: 0 }, 'legacy', 'percent'],
    ['100 percent is everybody', rolling({ percent: 100 }), { bucket: 9_999 }, 'stytch', 'percent'],
  ] as [string, Policy, Partial<Visitor>, string, string][])(
    '%s',
    (_, policy, who, flow, reason) => {
      expect(decideCohort(policy, visitor(who))).toEqual({ flow, reason })
    },
  )

  const flows = fc.constantFrom('stytch' as const, 'legacy' as const)
  /** Few values each, so that the rules often match. */
  const anyVisitor: fc.Arbitrary<Visitor> = fc.record({
    bucket: fc.integer({ min: 0, max: 9_999 }),
    pin: fc.option(flows),
    organization: fc.option(fc.constantFrom('acme', 'globex')),
    organizationId: fc.constant(null),
    isNewSignUp: fc.boolean(),
    appVersion: fc.option(fc.constantFrom('4.1.9', '4.2.0', 'nightly', '')),
    ip: fc.option(fc.constantFrom('203.0.113.9', '::ffff:203.0.113.9', '2001:db8::1', 'unknown')),
    country: fc.option(fc.constantFrom('NZ', 'DE')),
  })
  const percents = fc.oneof(
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.integer({ min: 0, max: 100 }),
  )
  const anyRules = fc.record({
    organizations: fc.subarray(['acme', 'globex']),
    newSignUps: fc.boolean(),
    countries: fc.subarray(['NZ', 'DE']),
    ipRanges: fc.subarray(['203.0.113.0/24', '2001:db8::/32']),
    minAppVersion: fc.option(fc.constantFrom('4.2.0', '5.0.0')),
  })

  it('never moves a visitor out of the cohort when the percentage is raised, under any other rules', () => {
    fc.assert(
      fc.property(anyVisitor, anyRules, percents, percents, (who, rules, a, b) => {
        const [lower, higher] = [Math.min(a, b), Math.max(a, b)]
        const before = decideCohort(rolling({ ...rules, percent: lower }), who)
        const after = decideCohort(rolling({ ...rules, percent: higher }), who)
        expect(before.flow === 'stytch' && after.flow === 'legacy').toBe(false)
        // A visitor who matched an earlier rule gets the same result.
        if (before.reason !== 'percent') expect(after).toEqual(before)
      }),
      { numRuns: 5_000 },
    )
  })

  it('never splits an organization by the addresses or countries of its members', () => {
    fc.assert(
      fc.property(anyVisitor, anyVisitor, anyRules, percents, (one, other, rules, percent) => {
        // A pin and an old app belong to the device, so they may differ within a team.
        const ofTheTeam = { organization: 'acme', bucket: 4_321, pin: null, appVersion: null }
        const policy = rolling({ ...rules, percent })
        expect(decideCohort(policy, { ...one, ...ofTheTeam })).toEqual(
          decideCohort(policy, { ...other, ...ofTheTeam }),
        )
      }),
    )
  })

  it('with new sign-ups as the only rule, puts nobody else at Stytch', () => {
    fc.assert(
      fc.property(anyVisitor, (who) => {
        const { flow, reason } = decideCohort(rolling({ newSignUps: true }), who)
        const isNew = who.isNewSignUp && who.organization === null
        if (who.pin) expect({ flow, reason }).toEqual({ flow: who.pin, reason: 'pin' })
        else expect(flow).toBe(isNew ? 'stytch' : 'legacy')
      }),
    )
  })

  it('never takes the Stytch login from anybody when new sign-ups are added to the rules', () => {
    fc.assert(
      fc.property(anyVisitor, anyRules, percents, (who, rules, percent) => {
        const before = decideCohort(rolling({ ...rules, percent, newSignUps: false }), who)
        const after = decideCohort(rolling({ ...rules, percent, newSignUps: true }), who)
        if (after.reason !== 'new_sign_up') expect(after).toEqual(before)
        else expect(after.flow).toBe('stytch')
      }),
    )
  })

  it('gives nobody the Stytch flow at 0 percent, and everybody at 100', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), (bucket) => {
        expect(decideCohort(rolling({ percent: 0 }), visitor({ bucket })).flow).toBe('legacy')
        expect(decideCohort(rolling({ percent: 100 }), visitor({ bucket })).flow).toBe('stytch')
      }),
    )
  })
})

describe('the order of the rules', () => {
  /** The rules from first to last: the expected result, and the facts of a visitor that the rule matches. */
  const order: [Cohort, Partial<Visitor>][] = [
    [{ flow: 'stytch', reason: 'pin' }, { pin: 'stytch' }],
    [{ flow: 'stytch', reason: 'organization' }, { organization: 'acme' }],
    [{ flow: 'stytch', reason: 'new_sign_up' }, { isNewSignUp: true }],
    [{ flow: 'legacy', reason: 'app_version' }, { appVersion: '4.1.9' }],
    [{ flow: 'stytch', reason: 'ip_range' }, { ip: '203.0.113.9' }],
    [{ flow: 'stytch', reason: 'country' }, { country: 'NZ' }],
    [{ flow: 'legacy', reason: 'percent' }, {}],
  ]
  const combinations = Array.from({ length: 2 ** order.length }, (_, mask) =>
    order.filter((_, place) => mask & (1 << place)),
  ).filter((rules) => rules.length > 0)

  it.each(
    combinations.map((rules) => [rules.map(([{ reason }]) => reason).join(' + '), rules] as const),
  )('%s: the first rule decides', (_, rules) => {
    const who = visitor(Object.assign({}, ...rules.map(([, facts]) => facts)))
    expect(decideCohort(rolling(all), who)).toEqual(rules[0]?.[0])
  })

  it('a pin to legacy overrides every other rule', () => {
    for (const [{ reason }, facts] of order) {
      if (reason === 'pin') continue
      const decided = decideCohort(rolling(all), visitor({ pin: 'legacy', ...facts }))
      expect(decided).toEqual({ flow: 'legacy', reason: 'pin' })
    }
  })
})

describe('bucketOf', () => {
  const crowd = 100_000
  const ids = Array.from({ length: crowd }, (_, id) => `visitor-${id}`)
  const bucketsOf = (salt: string) => Promise.all(ids.map((id) => bucketOf(salt, id)))
  let buckets: number[]
  let others: number[]
  beforeAll(async () => {
    buckets = await bucketsOf('cutover-1')
    others = await bucketsOf('another-rollout')
  })

  it('is stable, and one of 10,000', async () => {
    expect(await bucketOf('cutover-1', 'visitor-7')).toBe(buckets[7])
    expect(buckets.every((each) => Number.isInteger(each) && each >= 0 && each < 10_000)).toBe(true)
  })

  it.each([0, 0.5, 1, 5, 10, 25, 50, 75, 99, 100])(
    'gives %d percent of 100,000 visitors the Stytch flow, within one percentage point',
    (percent) => {
      const policy = rolling({ percent })
      const inside = buckets.filter(
        (bucket) => decideCohort(policy, visitor({ bucket })).flow === 'stytch',
      ).length
      expect(Math.abs(inside / crowd - percent / 100)).toBeLessThanOrEqual(0.01)
      if (percent === 0 || percent === 100) expect(inside).toBe((crowd * percent) / 100)
    },
  )

  it('is independent of the salt of another rollout', () => {
    // Pearson's chi-squared test on a table of ten by ten. With 81 degrees of freedom, independent buckets
    // exceed 126.1 for one pair of salts in a thousand. The salts are fixed, so the result never changes.
    const table = Array.from({ length: 10 }, () => Array<number>(10).fill(0))
    for (const [id, bucket] of buckets.entries()) {
      const row = table[Math.floor(bucket / 1_000)] as number[]
      const column = Math.floor((others[id] ?? 0) / 1_000)
      row[column] = (row[column] ?? 0) + 1
    }
    const rows = table.map((row) => row.reduce((sum, each) => sum + each))
    const columns = rows.map((_, at) => table.reduce((sum, row) => sum + (row[at] ?? 0), 0))
    let chiSquare = 0
    for (const [row, cells] of table.entries()) {
      for (const [column, seen] of cells.entries()) {
        const expected = ((rows[row] ?? 0) * (columns[column] ?? 0)) / crowd
        chiSquare += (seen - expected) ** 2 / expected
      }
    }
    expect(chiSquare).toBeLessThan(126.1)
  })
})
