import { afterAll, beforeAll, expect, it } from 'vitest'
import { ProviderFailure } from '../../provider-failure'
import { rememberOrganization } from '../../team/organization'
import { findTeam } from './find-organization'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

it('a visitor who makes up slugs uses up no rate limit of a provider, and shuts out no known team', async () => {
  const own = { slug: 'known', name: 'Known', stytchId: 's-known', legacyId: 'org_known' }
  await rememberOrganization(own)
  const found = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) => findTeam(`made-up-${index}`)),
  )
  const refused = found.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(30)
  for (const each of refused) {
    expect(each).toMatchObject({ reason: expect.any(ProviderFailure) })
    expect(each).toMatchObject({ reason: { code: 'rate_limited' } })
  }
  expect(await findTeam('known')).toMatchObject(own)
})
