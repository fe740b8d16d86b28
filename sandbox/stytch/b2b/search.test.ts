import type { SearchQueryOperand } from 'stytch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organizations } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
afterAll(standIn.close)

const acme = { organization_id: 'acme' }

beforeAll(async () => {
  const { members } = b2b.organizations
  await members.create({ ...acme, email_address: 'barbara@acme.example', external_id: 'auth0|b' })
  await members.create({ ...acme, email_address: 'zoe@other.example', roles: ['editor'] })
  const { member_id } = await members.create({ ...acme, email_address: 'gone@acme.example' })
  await members.delete({ ...acme, member_id })
})

const query = (filter_name: string, filter_value: unknown) => ({
  operator: 'AND',
  operands: [{ filter_name, filter_value } as SearchQueryOperand],
})

describe('a search for organizations', () => {
  const search = async (filter: string, value: unknown) => {
    const found = await b2b.organizations.search({ query: query(filter, value) })
    return found.organizations.map(({ organization_slug }) => organization_slug)
  }

  it('returns all organizations in pages, newest first', async () => {
    const first = await b2b.organizations.search({ limit: 2 })
    expect(first.organizations.map(({ organization_name }) => organization_name)).toEqual([
      'Initech',
      'Globex',
    ])
    expect(first.results_metadata).toEqual({ total: 3, next_cursor: '2' })
    const second = await b2b.organizations.search({ limit: 2, cursor: '2' })
    expect(second.organizations).toHaveLength(1)
    expect(second.results_metadata).toEqual({ total: 3 })
  })

  it.each([
    ['organization_ids', [organizations.globex.auth0Id], ['globex']],
    ['organization_slugs', ['acme', 'initech'], ['initech', 'acme']],
    ['organization_name_fuzzy', 'LOBE', ['globex']],
    ['organization_slug_fuzzy', 'nit', ['initech']],
    ['member_emails', ['Edsger@acme.example'], ['initech', 'acme']],
    ['member_email_fuzzy', 'barbara', ['acme']],
    ['allowed_domains', ['acme.example'], ['acme']],
    ['allowed_domain_fuzzy', 'acme', ['acme']],
  ])('filters by %s', async (filter, value, expected) => {
    expect(await search(filter, value)).toEqual(expected)
  })

  it.each([
    ['organization_search_filter_name_not_recognized', 'toString', 'x'],
    ['organization_search_expected_array_of_strings', 'organization_ids', 'x'],
    ['organization_search_expected_string', 'organization_name_fuzzy', ['x']],
    ['organization_search_missing_filter_value', 'organization_slugs', undefined],
    ['bad_request', 'organization_name_fuzzy', 'ab'],
  ])('refuses an operand with %s', async (type, filter, value) => {
    expect(await errorOf(search(filter, value))).toEqual([400, type])
  })
})

describe('a search for members', () => {
  const search = async (filter: string, value: unknown) => {
    const found = await b2b.organizations.members.search({
      organization_ids: ['acme'],
      query: query(filter, value),
    })
    return found.members.map(({ email_address }) => email_address)
  }

  it('returns the members who are not deleted, with their organizations', async () => {
    const organization_ids = ['acme', 'initech']
    const found = await b2b.organizations.members.search({ organization_ids })
    expect(found.members).toHaveLength(4)
    expect(Object.values(found.organizations).map((entry) => entry.organization_slug)).toEqual(
      organization_ids,
    )
    expect(found.results_metadata.total).toBe(4)
  })

  it.each([
    ['member_ids', ['auth0|b'], ['barbara@acme.example']],
    ['member_emails', ['ZOE@other.example'], ['zoe@other.example']],
    ['member_email_fuzzy', 'barb', ['barbara@acme.example']],
    ['member_roles', ['editor'], ['zoe@other.example']],
    ['member_is_breakglass', true, []],
    ['password_exists', true, []],
    ['member_mfa_phone_numbers', ['+10000000000'], []],
    ['statuses', ['deleted'], ['gone@acme.example']],
  ])('filters by %s', async (filter, value, expected) => {
    expect(await search(filter, value)).toEqual(expected)
  })

  it.each([
    ['member_search_filter_name_not_recognized', 'toString', 'x'],
    ['member_search_expected_boolean', 'member_is_breakglass', 'true'],
    [
      'member_search_cannot_mix_internal_and_external_member_ids',
      'member_ids',
      ['member-test-1', 'auth0|b'],
    ],
  ])('refuses an operand with %s', async (type, filter, value) => {
    expect(await errorOf(search(filter, value))).toEqual([400, type])
  })

  it('refuses no organization, and an unknown one', async () => {
    const { members } = b2b.organizations
    const empty = members.search({ organization_ids: [] })
    expect(await errorOf(empty)).toEqual([400, 'member_search_organization_ids_empty'])
    const unknown = members.search({ organization_ids: ['acme', 'nowhere'] })
    expect(await errorOf(unknown)).toEqual([404, 'organization_not_found'])
  })
})
