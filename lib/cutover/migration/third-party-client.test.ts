import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LegacySession } from '../../legacy/session'
import { legacySessionOfToken } from '../routing/testing'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests()
})
afterAll(() => fixture.stop())

/** A session of the tenant's API. Auth0's single sign-on gives the clients of one browser the same `sid`. */
async function sessionOf(email: string, claims: object): Promise<LegacySession> {
  const { body } = await fixture.auth0.control('POST', 'token', { email, claims })
  return legacySessionOfToken(body.access_token)
}
const refused = { result: 'refused', reason: 'client_not_allowed' }

it("another company's client does not get the Stytch session of the same sid", async () => {
  const sid = crypto.randomUUID()
  const own = await sessionOf('grace@example.com', { sid })
  expect(await fixture.migrate(own)).toMatchObject({ result: 'migrated' })
  const foreign = await sessionOf('grace@example.com', { sid, azp: 'another-company' })
  expect(await fixture.migrate(foreign)).toMatchObject(refused)
})

it("another company's client does not hold back the migration of the same sid", async () => {
  const sid = crypto.randomUUID()
  const foreign = await sessionOf('barbara@acme.example', { sid, azp: 'another-company' })
  expect(await fixture.migrate(foreign)).toMatchObject(refused)
  const own = await sessionOf('barbara@acme.example', { sid })
  expect(await fixture.migrate(own)).toMatchObject({ result: 'migrated' })
})
