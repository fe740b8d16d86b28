import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startForTests as startAuth0 } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment, organizations } from '../../../sandbox/settings.ts'
import { startForTests as startStytch } from '../../../sandbox/stytch/fixture.ts'
import type { Database } from '../../db/database'
import { closeTestDatabase, openTestDatabase } from '../../db/testing'
import { rememberOrganization } from '../../team/organization'
import { rolling } from '../testing'
import type { Policy } from './document'
import { withOrganizationAliases } from './organization-aliases'
import { appendPolicy, readDeliveredPolicy, readPolicy } from './store'

let auth0: Awaited<ReturnType<typeof startAuth0>>
let stytch: Awaited<ReturnType<typeof startStytch>>
let db: Database
beforeAll(async () => {
  auth0 = await startAuth0()
  stytch = await startStytch({ userinfoUrl: `${auth0.url}/userinfo` })
  const addresses = { AUTH0_DOMAIN: auth0.url, STYTCH_API_URL: stytch.url }
  Object.assign(process.env, appEnvironment, addresses)
})
afterAll(() => Promise.all([auth0.close(), stytch.close()]))

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

/** Creates an organization at Auth0. @returns its id */
async function legacyOrganization(name: string): Promise<string> {
  const { body } = await auth0.machineToken()
  const answer = await fetch(`${auth0.url}/api/v2/organizations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${body.access_token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name, display_name: name }),
  })
  return ((await answer.json()) as { id: string }).id
}

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

  it('learns a new name within a second', async () => {
    const policy = listing('umbrella', 'test-3')
    const before = Date.now()
    const at = async (now: number) => organizationsOf(await withOrganizationAliases(policy, now))
    expect(await at(before)).toEqual(['test-3', 'umbrella'])
    await rememberOrganization({ slug: 'umbrella', name: 'U', stytchId: 's-2', legacyId: null })
    expect(await at(before + 999)).toHaveLength(2)
    expect(await at(before + 1_000)).toContain('s-2')
  })

  it('knows an organization by its name at Auth0, where the slug is another one', async () => {
    await stytch.b2b.organizations.create({
      organization_name: 'Umbrella',
      organization_slug: 'umbrella',
      organization_external_id: await legacyOrganization('umbrella-corp'),
    })
    const policy = listing('umbrella-corp', 'test-4')
    await expect
      .poll(async () => organizationsOf(await withOrganizationAliases(policy, Date.now() + 5_000)))
      .toEqual(
        expect.arrayContaining(['umbrella', 'umbrella-corp', expect.stringMatching(/^org_/)]),
      )
  })

  it('knows an organization that nobody has opened here by its id at Auth0', async () => {
    const policy = listing(organizations.globex.auth0Id, 'test-7')
    await expect
      .poll(async () => organizationsOf(await withOrganizationAliases(policy, Date.now() + 5_000)))
      .toContain('globex')
  })

  it('is not misled by an organization that somebody founded with the id of another one as its slug', async () => {
    const id = await legacyOrganization('wonka')
    const mallory = { organization_name: 'Mallory', organization_slug: id }
    await stytch.b2b.organizations.create(mallory)
    const policy = listing(id, 'test-8')
    await expect
      .poll(async () => organizationsOf(await withOrganizationAliases(policy, Date.now() + 5_000)))
      .toContain('wonka')
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
