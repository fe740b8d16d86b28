import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideCohort } from '../cohort/rules'
import { beforeTheMigration, type Policy, presets } from '../policy/document'
import { expandOrganizations } from '../policy/expand-organizations'
import { rolling, visitor } from '../testing'
import { type MovableOrganization, planMove } from './organization-move'

const acme: MovableOrganization = {
  id: 'team_1',
  slug: 'acme',
  name: 'Acme',
  stytchId: 'organization-test-1',
  legacyId: 'org_acme',
  hasTwin: false,
  bucket: 5_000,
  legacyMembers: { count: 3, hasMore: false },
  carriedOver: 1,
  stytchAnswers: true,
}
const globex = { ...acme, slug: 'globex', name: 'Globex', stytchId: 's-2', legacyId: 'org_globex' }

function possible(policy: Policy, organization: MovableOrganization, to: 'stytch' | 'legacy') {
  const move = planMove(policy, organization, to)
  if (!move.isPossible) throw new Error(move.reason)
  return move
}

const flowOf = (policy: Policy, organization: MovableOrganization): string => {
  const { cohort } = policy
  const inForce =
    typeof cohort === 'string'
      ? policy
      : rolling({
          ...cohort,
          organizations: expandOrganizations(cohort.organizations, [acme, globex]),
        })
  const { slug, bucket } = organization
  return decideCohort(inForce, visitor({ organization: slug, bucket })).flow
}

describe('a move to Stytch', () => {
  it('turns the policy of nobody into a rolling one with this organization, which migrates sessions', () => {
    const { policy, effects } = possible(beforeTheMigration, acme, 'stytch')
    expect(policy).toEqual(rolling({ percent: 0, organizations: ['acme'] }))
    expect(effects.join(' ')).toContain('The policy becomes a rolling one at 0%')
    expect([flowOf(policy, acme), flowOf(policy, globex)]).toEqual(['stytch', 'legacy'])
  })

  it.each([
    [{ count: 3, hasMore: false }, 1, '2 of 3 members are at the legacy provider only'],
    [{ count: 3, hasMore: false }, 2, '1 of 3 members is at the legacy provider only'],
    [{ count: 3, hasMore: false }, 4, 'All 3 members have been carried over already'],
    [{ count: 100, hasMore: true }, 1, 'More than 100 members'],
    [null, 0, 'The number of members at the legacy provider is unknown'],
  ])(
    'says what happens to whom: %j members, %i carried over',
    (legacyMembers, carriedOver, text) => {
      const given = { ...acme, legacyMembers, carriedOver }
      expect(possible(rolling({}), given, 'stytch').effects.join(' ')).toContain(text)
    },
  )

  it('says that members must sign in again where the policy does not migrate sessions', () => {
    const { effects, policy } = possible(rolling({}, false), acme, 'stytch')
    expect(effects.join(' ')).toContain('They must sign in again at Stytch')
    expect(policy.carrySessions).toBe(false)
  })

  it('says that members with a second factor stay, unless the policy moves them too', () => {
    const effectsOf = (policy: Policy) => possible(policy, acme, 'stytch').effects.join(' ')
    expect(effectsOf(rolling({}))).toContain('fewer factors stays')
    expect(effectsOf({ ...rolling({}), allowMfaDowngrade: true })).not.toContain('factors')
  })

  it.each([
    ['everybody', presets['zero-downtime'], acme, /Everybody is in the cohort/],
    ['listed by another name', rolling({ organizations: ['org_acme'] }), acme, /already/],
    [
      'missing at Stytch, where its members could not sign in',
      rolling({}),
      { ...acme, stytchId: null },
      /organization_external_id org_acme/,
    ],
    [
      'of which Stytch says nothing now',
      rolling({}),
      { ...acme, stytchId: null, stytchAnswers: false },
      /Stytch does not answer/,
    ],
    [
      'at Stytch only',
      rolling({}),
      { ...acme, legacyId: null },
      /sign in there under every policy/,
    ],
  ])('is not possible for an organization that is %s', (_, policy, organization, reason) => {
    expect(planMove(policy, organization, 'stytch')).toEqual({
      isPossible: false,
      reason: expect.stringMatching(reason),
    })
  })
})

describe('a move back', () => {
  it.each(['acme', 'organization-test-1', 'org_acme'])('removes the entry %s', (entry) => {
    const { policy } = possible(rolling({ organizations: [entry, 'globex'] }), acme, 'legacy')
    expect(policy).toEqual(rolling({ organizations: ['globex'] }))
    expect(flowOf(policy, acme)).toBe('legacy')
  })

  it('says that nobody is logged out, and when the percentage still includes the organization', () => {
    const outside = possible(rolling({ percent: 50, organizations: ['acme'] }), acme, 'legacy')
    expect(outside.effects.join(' ')).toMatch(
      /login of the legacy provider again.*Nobody is logged/,
    )
    const inside = possible(rolling({ percent: 51, organizations: ['acme'] }), acme, 'legacy')
    expect(inside.warnings.join(' ')).toContain('keeps the Stytch login: it is in the first 51%')
    expect(flowOf(inside.policy, acme)).toBe('stytch')
  })

  it.each([
    ['everybody', presets['zero-downtime'], /everybody except Acme/],
    ['nobody', beforeTheMigration, /Nobody is in the cohort/],
    ['the percentage', rolling({ percent: 60 }), /Lower the percentage to 50%/],
    ['other organizations', rolling({ organizations: ['globex'] }), /not in the list/],
  ])('is not possible under a policy of %s', (_, policy, reason) => {
    expect(planMove(policy, acme, 'legacy')).toEqual({
      isPossible: false,
      reason: expect.stringMatching(reason),
    })
  })
})

it('moves one organization and no other one, and the way back restores the policy', () => {
  const rules = fc.record({
    percent: fc.integer({ min: 0, max: 100 }),
    organizations: fc.subarray(['globex', 's-2', 'initech']),
    newSignUps: fc.boolean(),
  })
  fc.assert(
    fc.property(rules, fc.boolean(), fc.nat(9_999), fc.nat(9_999), (given, carries, one, other) => {
      const [moved, stays] = [
        { ...acme, bucket: one },
        { ...globex, bucket: other },
      ]
      const before = rolling(given, carries)
      const { policy } = possible(before, moved, 'stytch')
      expect(flowOf(policy, moved)).toBe('stytch')
      expect(flowOf(policy, stays)).toBe(flowOf(before, stays))
      expect(possible(policy, moved, 'legacy').policy).toEqual(before)
    }),
  )
})
