import { afterAll, beforeAll, expect, it } from 'vitest'
import { findAccount } from '../../account/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { legacyAccount } from '../session/legacy-account'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests()
})
afterAll(() => fixture.stop())

it.each([
  'a&b@example.com',
  'o!brien@example.com',
  'user/dept@example.com',
  "o'brien@example.com",
  'ada@xn--bcher-kva.xn--p1ai',
])('carries the session of %s over, into the same account', async (email) => {
  await fixture.addLegacyUser(email)
  const session = await fixture.legacySessionOf(email)
  const account = await legacyAccount(session)
  expect(account).toMatchObject({ email, provedEmail: email })

  const outcome = await fixture.migrate(session)
  expect(outcome).toMatchObject({ result: 'migrated' })
  if (outcome.result !== 'migrated') return
  const migrated = await findAccount({ issuer: stytchIssuerName(), subject: outcome.userId })
  expect(migrated).toEqual(account)
})

it('refuses to migrate a user whose address the legacy provider has not verified', async () => {
  await fixture.addLegacyUser('unverified@example.com', false)
  const outcome = await fixture.migrate(await fixture.legacySessionOf('unverified@example.com'))
  expect(outcome).toMatchObject({ result: 'refused', reason: 'email_not_verified' })
})

it('refuses a Stytch user who signed up with the address and a password before its owner came (pre-hijacking)', async () => {
  const email = 'victim@example.com'
  const password = 'plover-basalt-orrery-31'
  await fixture.stytch.stytch.passwords.create({ email, password, session_duration_minutes: 60 })
  await fixture.addLegacyUser(email)
  const outcome = await fixture.migrate(await fixture.legacySessionOf(email))
  expect(outcome).toMatchObject({ result: 'refused', reason: 'stytch_user_unproven' })
})
