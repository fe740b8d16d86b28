import { expect, it } from 'vitest'
import { auth0Tenant } from '../../../../sandbox/settings.ts'
import { runBackfill } from '../command'
import { management, setUpOrganizations } from '../organizations/testing'
import { createProgress } from '../progress'
import { newUsers, planUsers, writesAtStytch } from '../testing'
import { auth0Policy } from './auth0-policy'
import { comparePolicies } from './compare-policies'
import { policyOfProbe } from './stytch-policy'

/** `npm run backfill -- password-policies`. */

const bed = setUpOrganizations()

async function run() {
  const lines: string[] = []
  const code = await runBackfill(['password-policies'], {
    print: (line) => lines.push(line),
    progress: (label) => createProgress(label, { write: () => true }),
    folder: bed.folder,
    signal: new AbortController().signal,
  })
  return { code, output: lines.join('\n') }
}

const setOptions = (options: object) =>
  management(bed, 'PATCH', `connections/${auth0Tenant.connectionId}`, { options })

it('is clean while Stytch demands no less, and changes nothing', async () => {
  await planUsers(bed, newUsers(3))
  const { code, output } = await run()
  expect(output).toContain(auth0Tenant.connection)
  expect(output).toMatch(
    /common and leaked passwords +allowed +refused, by a list of breaches +stronger/,
  )
  expect(output).toContain('at most the 3 users')
  expect(code).toBe(0)
  // Stytch's question about a password is a POST.
  const paths = writesAtStytch(bed).map(({ path }) => path)
  expect(paths.sort()).toEqual(['/v1/b2b/passwords/strength_check', '/v1/passwords/strength_check'])
})

it('ends with 2 where Stytch demands less, and repeats no forbidden word', async () => {
  await setOptions({
    passwordPolicy: 'good',
    password_history: { enable: true, size: 4 },
    password_dictionary: { enable: true, dictionary: ['cutover-word'] },
    password_no_personal_info: { enable: true },
  })
  const { code, output } = await run()
  expect(output).toMatch(/earlier passwords +the last 4 are refused +allowed +weaker/)
  expect(output).toMatch(/own forbidden words +1 words +none +weaker/)
  expect(output).toMatch(/personal data +refused +the address lowers the score +weaker/)
  expect(output).toContain('policy_weaker')
  expect(output).not.toContain('cutover-word')
  expect(code).toBe(2)
})

it("reads a policy of Stytch's that counts characters, in both forms of its answer", () => {
  const missing = { missing_characters: 9, missing_complexity: 2 }
  const answer = { strength_policy: 'luds', breach_detection_on_create: false }
  const policy = { kind: 'luds', minLength: 10, minKinds: 3, refusesBreached: false }
  expect(policyOfProbe({ ...answer, luds_feedback: missing })).toEqual(policy)
  expect(policyOfProbe({ ...answer, feedback: { luds_requirements: missing } })).toEqual(policy)
  expect(() => policyOfProbe({ ...answer, strength_policy: 'new' })).toThrow('unexpected_response')
})

it.each([
  ['excellent', { minLength: 10, minKinds: 3, refusesRuns: true }],
  ['good', { minLength: 8, minKinds: 3, refusesRuns: false }],
  ['low', { minLength: 6, minKinds: 1, refusesRuns: false }],
  [null, { minLength: 1, minKinds: 1, refusesRuns: false }],
])("reads Auth0's policy %s", (passwordPolicy, expected) => {
  expect(auth0Policy({ passwordPolicy })).toMatchObject(expected)
})

it("reads Auth0's newer settings, and compares them with a policy that counts characters", () => {
  const policy = auth0Policy({
    passwordPolicy: null,
    password_options: {
      complexity: {
        min_length: 12,
        character_types: ['uppercase', 'lowercase', 'number', 'special'],
        character_type_rule: 'three_of_four',
        sequential_characters: 'block',
      },
      dictionary: { active: true, custom: [] },
      history: { active: false },
    },
  })
  if (!policy) throw new Error('the policy was not read')
  const luds = { kind: 'luds', minLength: 8, minKinds: 4, refusesBreached: false } as const
  const verdicts = comparePolicies(policy, luds).map(({ rule, verdict }) => [rule, verdict])
  expect(Object.fromEntries(verdicts)).toEqual({
    length: 'weaker',
    'kinds of characters': 'stronger',
    'repeated characters': 'weaker',
    'common and leaked passwords': 'weaker',
    'own forbidden words': 'same',
    'personal data': 'same',
    'earlier passwords': 'same',
  })
})
