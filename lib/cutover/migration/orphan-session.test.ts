import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LegacySession } from '../../legacy/session'
import { sessionKeys, takeClaim } from './claim'
import { migrateSession } from './migrate-session'
import { revokeOrphans, sessionMark } from './own-sessions'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests()
})
afterAll(() => fixture.stop())

const afterTheLease = () => new Date(Date.now() + 61_000)

/** A person who signed up at Stytch by mail alone. Such a user must have no foreign session to be migrated. */
async function signUpByMail(email: string): Promise<void> {
  const { email_id } = await fixture.stytch.stytch.otps.email.loginOrCreate({ email })
  const { code } = await fixture.stytch.lastMessage()
  await fixture.stytch.stytch.otps.authenticate({ method_id: email_id, code: code ?? '' })
  await fixture.addLegacyUser(email)
}

/** A server that is killed after Stytch opened the session, and before the claim is settled. */
async function migrateAndDie(session: LegacySession): Promise<void> {
  const attempt = await takeClaim(await sessionKeys(session), new Date())
  if (attempt.state !== 'taken') throw new Error(`the claim is ${attempt.state}`)
  const opened = await migrateSession(session.accessToken, 60, sessionMark(attempt.claim))
  expect(opened).not.toBeNull()
}

it('carries a session over after a server was killed between the migrate call and the end of the claim, and the orphan is revoked', async () => {
  const email = 'orphan@example.com'
  await signUpByMail(email)
  const session = await fixture.legacySessionOf(email)
  await migrateAndDie(session)
  const [orphan] = await fixture.stytchSessionsOf(email)

  expect(await fixture.migrate(session, { now: afterTheLease() })).toMatchObject({
    result: 'migrated',
  })
  const left = await fixture.stytchSessionsOf(email)
  expect(left).toHaveLength(1)
  expect(left).not.toContain(orphan)
})

it('carries a session of a second device over, while the orphan of the first device lives', async () => {
  const email = 'two-devices@example.com'
  await signUpByMail(email)
  await migrateAndDie(await fixture.legacySessionOf(email))

  const second = await fixture.legacySessionOf(email)
  expect(await fixture.migrate(second)).toMatchObject({ result: 'migrated' })
  expect(await fixture.stytchSessionsOf(email)).toHaveLength(2)
})

it('refuses a foreign session with the mark in the metadata, which is not a custom claim (pre-hijacking)', async () => {
  const email = 'forged-mark@example.com'
  await signUpByMail(email)
  const session = await fixture.legacySessionOf(email)
  const { sessionKey } = await sessionKeys(session)
  const { stytch } = fixture.stytch
  const { email_id } = await stytch.otps.email.loginOrCreate({ email })
  const { code } = await fixture.stytch.lastMessage()
  const { user } = await stytch.otps.authenticate({
    method_id: email_id,
    code: code ?? '',
    session_duration_minutes: 60,
  })
  await stytch.users.update({
    user_id: user.user_id,
    untrusted_metadata: sessionMark({ sessionKey }),
  })
  expect(await fixture.migrate(session)).toMatchObject({
    result: 'refused',
    reason: 'stytch_user_unproven',
  })
})

it('keeps the session of the request that took the claim over, when the late one goes on', async () => {
  const email = 'late@example.com'
  await signUpByMail(email)
  const session = await fixture.legacySessionOf(email)
  const keys = await sessionKeys(session)
  const first = await takeClaim(keys, new Date(Date.now() - 121_000))
  const late = await takeClaim(keys, new Date(Date.now() - 60_500))
  if (first.state !== 'taken' || late.state !== 'taken') throw new Error('not taken')
  expect(late.claim.attempts).toBe(2)

  const outcome = await fixture.migrate(session)
  expect(outcome).toMatchObject({ result: 'migrated' })
  const kept = await fixture.stytchSessionsOf(email)
  const opened = await migrateSession(session.accessToken, 60, sessionMark(late.claim))
  if (!opened) throw new Error('Stytch does not know the user')
  await revokeOrphans(late.claim, opened)
  expect(await fixture.stytchSessionsOf(email)).toEqual([...kept, opened.sessionId])
})
