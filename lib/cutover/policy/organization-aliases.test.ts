import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startForTests } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { closeTestDatabase, openTestDatabase } from '../../db/testing'
import { rememberOrganization } from '../../team/organization'
import { rolling } from '../testing'
import type { Policy } from './document'
import { withOrganizationAliases } from './organization-aliases'
import { appendPolicy, readDeliveredPolicy, readPolicy } from './store'

let auth0: Awaited<ReturnType<typeof startForTests>>
let db: Database
beforeAll(async () => {
  auth0 = await startForTests()
  Object.assign(process.env, appEnvironment, { AUTH0_DOMAIN: auth0.url })
})
afterAll(() => auth0.close())

const acme = {
  slug: 'acme',
  name: 'Acme',
  stytchId: 'organization-test-1',
  legacyId: 'org_acme000000000001',
}
const names = [acme.slug, acme.stytchId, acme.legacyId]

/** Each test has lists of its own, because the names are cached by list. */
const organizationsOf = ({ cohort }: Policy): string[] =>
  typeof cohort === 'string' ? [] : [...cohort.organizations].sort()
const listing = (...organizations: string[]) => rolling({ organizations })

beforeEach(async () => {
  db = await openTestDatabase()
  await rememberOrganization(acme)
})

describe('the delivered policy', () => {
  it.each(names)(
    'has all names of the organization that an operator lists as %s',
    async (entry) => {
      const policy = listing(entry, 'test-1')
      expect(organizationsOf(await withOrganizationAliases(policy))).toEqual(
        [...names, 'test-1'].sort(),
      )
    },
  )

  it('differs from the stored policy, which stays as written', async () => {
    const policy = listing('acme', 'test-2')
    await appendPolicy(policy, 'ada@example.com', null)
    expect(organizationsOf(await readDeliveredPolicy())).toEqual([...names, 'test-2'].sort())
    expect(await readPolicy()).toEqual({ ...policy, version: 2 })
  })

  it('learns a link within a second', async () => {
    const policy = listing('globex', 'test-3')
    const before = Date.now()
    expect(organizationsOf(await withOrganizationAliases(policy, before))).toEqual([
      'globex',
      'test-3',
    ])
    await rememberOrganization({ slug: 'globex', name: 'Globex', stytchId: 's-2', legacyId: null })
    expect(organizationsOf(await withOrganizationAliases(policy, before + 999))).toHaveLength(2)
    expect(organizationsOf(await withOrganizationAliases(policy, before + 1_000))).toContain('s-2')
  })

  it('knows an organization by its name at Auth0, where the slug is another one', async () => {
    await rememberOrganization({ ...acme, slug: 'acme-at-stytch' })
    const policy = listing('acme', 'test-4')
    const start = Date.now()
    await withOrganizationAliases(policy, start)
    await expect
      .poll(async () => organizationsOf(await withOrganizationAliases(policy, Date.now() + 5_000)))
      .toEqual(expect.arrayContaining(['acme', 'acme-at-stytch', acme.legacyId, acme.stytchId]))
  })

  it('is delivered as written while the table cannot be read', async () => {
    await db.execute(sql`alter table organizations rename to organizations_away`)
    const policy = listing('acme', 'test-5')
    expect(await withOrganizationAliases(policy)).toEqual(policy)
  })

  it('keeps the last known names in an outage', async () => {
    const policy = listing('acme', 'test-6')
    const known = await withOrganizationAliases(policy, 1_000)
    await closeTestDatabase()
    expect(await withOrganizationAliases(policy, 60_000)).toEqual(known)
  })

  it.each([['nobody'], ['everybody']] as const)('is unchanged for %s', async (cohort) => {
    const policy: Policy = { cohort, carrySessions: true, note: '' }
    expect(await withOrganizationAliases(policy)).toBe(policy)
  })
})
