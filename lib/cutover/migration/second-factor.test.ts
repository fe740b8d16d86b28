import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokensFor } from '../../../sandbox/auth0/fixture.ts'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests()
})
afterAll(() => fixture.stop())

const enrol = (email: string, enrolled = true) =>
  fixture.auth0.control('PUT', 'second-factor', { email, enrolled })
const haveTotp = (email: string, verified: boolean) =>
  fixture.stytch.control('PUT', 'totp', { email, verified })

/** The session of the web app, whose ID token says how the user signed in. */
async function webSessionOf(email: string) {
  const { access_token, id_token } = await tokensFor(fixture.auth0, email)
  return fixture.sealedSessionOf({ accessToken: access_token, idToken: id_token })
}

const newUser = async (email = `${crypto.randomUUID()}@example.com`) => {
  await fixture.addLegacyUser(email)
  return email
}
const keptBack = { result: 'refused', reason: 'mfa_required' }
const later = () => new Date(Date.now() + 11 * 60_000)

describe('a user with MFA at the legacy provider', () => {
  it('stays on the legacy lane, because the next sign-in at Stytch would need a mailed code only', async () => {
    await enrol('grace@example.com')
    const session = await webSessionOf('grace@example.com')
    // The ID token alone says so, also where the record names no factor or the Management API is off.
    await enrol('grace@example.com', false)
    expect(await fixture.migrate(session)).toMatchObject(keptBack)
    const { body } = await fixture.stytch.control('GET', 'users')
    expect(JSON.stringify(body)).not.toContain('grace@example.com')
  })

  it('stays on the legacy lane after a sign-in on a remembered browser, which asked for one factor', async () => {
    const email = await newUser()
    const session = await fixture.legacySessionOf(email)
    await enrol(email)
    expect(await fixture.migrate(session)).toMatchObject(keptBack)
  })

  it('is not migrated while the Management API does not answer, because the factor is unknown', async () => {
    const session = await fixture.legacySessionOf(await newUser())
    await fixture.auth0.control('PUT', 'faults', [{ path: '/api/v2/users/*', status: 503 }])
    const outcome = await fixture.migrate(session)
    await fixture.auth0.control('DELETE', 'faults')
    expect(outcome).toMatchObject({ result: 'failed', reason: 'legacy_unavailable' })
  })

  it('is migrated after the user proved a second factor at Stytch, and not before', async () => {
    const email = 'ada@example.com'
    const session = await fixture.legacySessionOf(email)
    await enrol(email)
    await haveTotp(email, false)
    expect(await fixture.migrate(session)).toMatchObject(keptBack)
    await haveTotp(email, true)
    expect(await fixture.migrate(session, { now: later() })).toMatchObject({ result: 'migrated' })
  })

  it('is migrated when the policy of the operator allows it', async () => {
    const email = await newUser()
    const session = await fixture.legacySessionOf(email)
    await enrol(email)
    expect(await fixture.migrate(session, { allowMfaDowngrade: true })).toMatchObject({
      result: 'migrated',
    })
  })
})
