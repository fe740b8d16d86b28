import { describe, expect, it } from 'vitest'
import { policyProblems, policySchema, presetOf, presets } from './document'

const problems = (value: unknown) => {
  const parsed = policySchema.safeParse(value)
  return parsed.success ? {} : policyProblems(parsed.error)
}

describe('a policy', () => {
  it.each([
    [{ cohort: 'nobody', carrySessions: false, note: '' }],
    [{ cohort: 'everybody', carrySessions: true, note: 'go' }],
    [
      {
        cohort: {
          percent: 12.5,
          organizations: ['acme'],
          countries: ['NZ'],
          ipRanges: ['10.0.0.0/8'],
          minAppVersion: '4.2.0',
        },
        carrySessions: true,
        note: '',
      },
    ],
  ])('accepts %j', (value) => {
    expect(policySchema.parse(value)).toEqual(value)
  })

  it('may say that users with MFA are migrated too, and says it only explicitly', () => {
    const old = { cohort: 'everybody', carrySessions: true, note: '' }
    expect(Object.keys(policySchema.parse(old))).not.toContain('allowMfaDowngrade')
    const allowing = { ...old, allowMfaDowngrade: true }
    expect(policySchema.parse(allowing)).toEqual(allowing)
    expect(problems({ ...old, allowMfaDowngrade: 'yes' })).toEqual({
      allowMfaDowngrade: 'must be true or false',
    })
  })

  it('fills in optional fields', () => {
    expect(policySchema.parse({ cohort: { percent: 5 }, carrySessions: false })).toEqual({
      cohort: { percent: 5, organizations: [], countries: [], ipRanges: [], minAppVersion: null },
      carrySessions: false,
      note: '',
    })
  })

  it('leaves a policy of an older version as it is, without the rule for new sign-ups', () => {
    const old = { cohort: { percent: 5 }, carrySessions: true }
    expect(JSON.stringify(policySchema.parse(old))).not.toContain('newSignUps')
    const rule = { ...old, cohort: { newSignUps: true } }
    expect(policySchema.parse(rule).cohort).toMatchObject({ percent: 0, newSignUps: true })
  })

  it('names every invalid field at once', () => {
    const wrong = {
      cohort: {
        percent: 101,
        organizations: [''],
        countries: ['nz'],
        ipRanges: ['10.0.0.0'],
        minAppVersion: 'new',
        newSignUps: 'yes',
        extra: 1,
      },
      carrySessions: 'yes',
      nonsense: true,
    }
    expect(Object.keys(problems(wrong)).sort()).toEqual([
      'carrySessions',
      'cohort.countries.0',
      'cohort.extra',
      'cohort.ipRanges.0',
      'cohort.minAppVersion',
      'cohort.newSignUps',
      'cohort.organizations.0',
      'cohort.percent',
      'nonsense',
    ])
  })

  it.each([
    [{}],
    [null],
    [[]],
    ['everybody'],
    [{ cohort: 'some', carrySessions: true }],
    [{ cohort: 'everybody' }],
  ])('refuses %j with a reason', (value) => {
    expect(Object.keys(problems(value)).length).toBeGreaterThan(0)
  })

  it('recognizes the presets by their dials', () => {
    for (const [name, policy] of Object.entries(presets)) expect(presetOf(policy)).toBe(name)
    expect(presetOf(policySchema.parse({ cohort: { percent: 5 }, carrySessions: true }))).toBeNull()
  })
})
