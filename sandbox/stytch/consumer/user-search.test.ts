import { afterAll, beforeEach, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { stytch } = standIn
afterAll(standIn.close)

beforeEach(async () => {
  await standIn.control('POST', 'reset')
  await stytch.users.create({
    email: 'grace@example.com',
    external_id: 'auth0|g',
    phone_number: '+12025550123',
  })
  await stytch.users.create({ email: 'alan@acme.example', name: { first_name: 'Alan' } })
})

it('a search returns all users in pages, newest first', async () => {
  const first = await stytch.users.search({ limit: 2 })
  expect(first.results_metadata).toEqual({ total: 3, next_cursor: '2' })
  const pages = stytch.users.searchAll({ limit: 2 })
  const emails: (string | undefined)[] = []
  for await (const page of pages) emails.push(...page.map((user) => user.emails[0]?.email))
  expect(emails).toEqual(['alan@acme.example', 'grace@example.com', 'ada@example.com'])
})

const [ada, grace, alan] = ['ada@example.com', 'grace@example.com', 'alan@acme.example']
const allActive = { filter_name: 'status', filter_value: 'active' }
const filters: [name: string, value: unknown, expected: (string | undefined)[]][] = [
  ['email_address', ['GRACE@example.com'], [grace]],
  ['email_address_fuzzy', 'grace', [grace]],
  ['user_id', ['auth0|g'], [grace]],
  ['phone_number', ['+12025550123'], [grace]],
  ['phone_number_fuzzy', '5550123', [grace]],
  ['phone_verified', false, [grace]],
  ['password_exists', false, [alan, grace]],
  ['full_name_fuzzy', 'alan', [alan]],
  ['email_verified', true, [ada]],
  ['status', 'active', [alan, grace, ada]],
  ['created_at_greater_than', '2100-01-01T00:00:00Z', []],
]
it.each(filters)('a search filters by %s', async (filter_name, filter_value, expected) => {
  const operand = { filter_name, filter_value } as never
  const query = { operator: 'AND', operands: [operand] }
  const { results } = await stytch.users.search({ query })
  expect(results.map((user) => user.emails[0]?.email)).toEqual(expected)
})

it('a search returns a whole project in pages of 1,000', async () => {
  const { users } = standIn.project.consumer
  const [record] = users.values()
  if (!record) throw new Error('The project has no user.')
  for (let index = 0; index < 2_500; index += 1) {
    const user_id = `user-test-${index}`
    users.set(user_id, { ...record, user: { ...record.user, user_id } })
  }
  const sizes: number[] = []
  const ids = new Set<string>()
  for await (const page of stytch.users.searchAll({ limit: 1_000 })) {
    sizes.push(page.length)
    for (const { user_id } of page) ids.add(user_id)
  }
  expect(sizes).toEqual([1_000, 1_000, 503])
  expect(ids.size).toBe(2_503)
  const tooMany = stytch.users.search({ limit: 1_001 })
  expect(await errorOf(tooMany)).toEqual([400, 'user_search_invalid_limit'])
})

it('a search combines filters with OR', async () => {
  const query = {
    operator: 'OR' as const,
    operands: [
      { filter_name: 'email_address' as const, filter_value: ['ada@example.com'] },
      { filter_name: 'full_name_fuzzy' as const, filter_value: 'alan' },
    ],
  }
  expect((await stytch.users.search({ query })).results).toHaveLength(2)
})

it('a search without operands returns all users', async () => {
  const query = { operator: 'AND' as const, operands: [] }
  expect((await stytch.users.search({ query })).results).toHaveLength(3)
})

it.each([
  ['an unknown one', { operator: 'XOR', operands: [] }],
  ['an unknown one with an operand', { operator: 'XOR', operands: [allActive] }],
  ['none', { operands: [] }],
])('a search refuses an operator that is neither AND nor OR: %s', async (_name, query) => {
  const search = stytch.users.search({ query: query as never })
  expect(await errorOf(search)).toEqual([400, 'user_search_invalid_operator'])
})

it.each([
  ['user_search_expected_string', { filter_name: 'status', filter_value: ['active'] }],
  ['user_search_expected_array_of_string', { filter_name: 'user_id', filter_value: 'x' }],
  ['user_search_expected_bool', { filter_name: 'password_exists', filter_value: 'true' }],
  ['user_search_missing_filter_name', { filter_value: 'x' }],
])('a search refuses an operand with %s', async (type, operand) => {
  const query = { operator: 'AND' as const, operands: [operand as never] }
  expect(await errorOf(stytch.users.search({ query }))).toEqual([400, type])
})

it('a search refuses a mix of Stytch ids and external ids, and an unknown filter', async () => {
  const search = (filter_name: string, filter_value: unknown) => {
    const operands = [{ filter_name, filter_value } as never]
    return errorOf(stytch.users.search({ query: { operator: 'AND', operands } }))
  }
  const mixed = await search('user_id', ['user-test-1', 'auth0|g'])
  expect(mixed).toEqual([400, 'user_search_cannot_mix_internal_and_external_user_ids'])
  const unknown = await search('toString', 'x')
  expect(unknown).toEqual([400, 'user_search_filter_name_not_recognized'])
})
