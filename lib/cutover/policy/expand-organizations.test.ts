import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decideCohort } from '../cohort/rules'
import { rolling, visitor } from '../testing'
import { type Aliases, expandOrganizations, namesOf } from './expand-organizations'

const acme = { slug: 'acme', stytchId: 'organization-test-1', legacyId: 'org_acme' }
const globex = { slug: 'globex', stytchId: null, legacyId: 'org_globex' }
const known = [acme, globex]

it.each([
  ['a slug', ['acme'], ['acme', 'organization-test-1', 'org_acme']],
  ['the id at Stytch', ['organization-test-1'], ['acme', 'organization-test-1', 'org_acme']],
  ['the id at the legacy provider', ['org_acme'], ['acme', 'organization-test-1', 'org_acme']],
  ['an organization that is not linked', ['org_globex'], ['globex', 'org_globex']],
  ['an organization that nobody knows', ['initech'], ['initech']],
  ['nothing', [], []],
])('adds the other names of %s', (_, listed, expanded) => {
  expect(expandOrganizations(listed, known).sort()).toEqual([...expanded].sort())
})

it('adds the names of an organization whose name at the legacy provider is not its slug', () => {
  const byName = { slug: 'acme-corp', stytchId: null, legacyId: 'org_acme' }
  for (const order of [
    [acme, byName],
    [byName, acme],
  ]) {
    expect(expandOrganizations(['acme-corp'], order)).toEqual(
      expect.arrayContaining(['acme-corp', ...namesOf(acme)]),
    )
  }
})

it('one team never sees two logins: any name in the list puts every session and page of it into the cohort', () => {
  const team = fc.integer({ min: 0, max: 9 }).chain((n) =>
    fc.record<Aliases>({
      slug: fc.constant(`team-${n}`),
      stytchId: fc.option(fc.constant(`organization-test-${n}`)),
      legacyId: fc.option(fc.constant(`org_${n}`)),
    }),
  )
  const teams = fc.uniqueArray(team, { selector: ({ slug }) => slug, minLength: 1 })
  fc.assert(
    fc.property(teams, fc.nat(), fc.nat(), fc.nat(9_999), (all, which, entry, bucket) => {
      const moved = all[which % all.length] as Aliases
      const names = namesOf(moved)
      const listed = [names[entry % names.length] as string]
      const policy = rolling({ organizations: expandOrganizations(listed, all) })
      for (const each of all) {
        const flows = new Set<string>()
        for (const name of namesOf(each)) {
          flows.add(decideCohort(policy, visitor({ organization: name, bucket })).flow)
          // A token with a name that nobody has stored has the id beside it.
          const organizationId = each.legacyId ?? each.stytchId
          if (organizationId !== null) {
            const byId = visitor({ organization: 'another-name', organizationId, bucket })
            flows.add(decideCohort(policy, byId).flow)
          }
        }
        expect([...flows]).toEqual([each === moved ? 'stytch' : 'legacy'])
      }
    }),
  )
})
