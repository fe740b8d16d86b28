import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rememberOrganization } from '../../team/organization'
import { findTeam } from './find-organization'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

/** Somebody founds an organization at Stytch with the slug of an organization at Auth0. */

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const foundAtStytch = (slug: string) =>
  fixture.stytch.b2b.organizations.create({ organization_name: 'Mallory', organization_slug: slug })

async function foundAtLegacy(name: string): Promise<string> {
  const { body: token } = await fixture.auth0.machineToken()
  const answer = await fetch(`${fixture.auth0.url}/api/v2/organizations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token.access_token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name, display_name: name }),
  })
  return ((await answer.json()) as { id: string }).id
}

describe('an organization at Stytch with the slug of one at Auth0', () => {
  it('does not make the pages of that one fail', async () => {
    const legacyId = await foundAtLegacy('wayne')
    const own = { slug: 'wayne', name: 'wayne', stytchId: null, legacyId }
    const { id } = await rememberOrganization(own)
    await foundAtStytch('wayne')
    expect(await findTeam('wayne')).toMatchObject({ ...own, id })
  })

  it('does not take the address of that one, though nobody has opened it here yet', async () => {
    const legacyId = await foundAtLegacy('stark')
    await foundAtStytch('stark')
    expect(await findTeam('stark')).toMatchObject({ slug: 'stark', stytchId: null, legacyId })
  })

  it('does not get the former address of one that has another address now', async () => {
    const legacyId = await foundAtLegacy('daily-planet')
    const linked = { slug: 'planet', name: 'Planet', stytchId: 's-planet', legacyId }
    await rememberOrganization(linked)
    await foundAtStytch('daily-planet')
    expect(await findTeam('daily-planet')).toBeNull()
    expect(await findTeam('planet')).toMatchObject(linked)
  })

  it('is found if Auth0 has no organization of that name', async () => {
    const { organization } = await foundAtStytch('oscorp')
    expect(await findTeam('oscorp')).toMatchObject({
      stytchId: organization.organization_id,
      legacyId: null,
    })
  })
})

it('an organization of one provider has its pages while Stytch does not answer', async () => {
  const own = { slug: 'gotham', name: 'Gotham', stytchId: null, legacyId: 'org_gotham' }
  const { id } = await rememberOrganization(own)
  await fixture.stytch.control('PUT', 'faults', [{ path: '/v1/b2b/organizations/*', status: 503 }])
  expect(await findTeam('gotham')).toMatchObject({ ...own, id })
  await fixture.stytch.control('DELETE', 'faults')
})
