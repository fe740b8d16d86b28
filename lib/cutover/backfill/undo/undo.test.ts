import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findAccount } from '../../../account/account'
import { accounts, identities, notes } from '../../../db/schema'
import { legacyConfig } from '../../../legacy/config'
import { stytchIssuerName } from '../../../stytch/issuer'
import { signedInOf } from '../../../stytch/sign-in'
import { events } from '../../schema'
import { importRun } from '../import/import'
import { backfillRows } from '../schema'
import {
  newUser,
  newUsers,
  oldPassword,
  planUsers,
  setUpBackfill,
  type TestUser,
  usersAtStytch,
} from '../testing'
import { undoRun } from './undo'

const bed = setUpBackfill()

async function imported(users: TestUser[]): Promise<string> {
  const runId = await planUsers(bed, users)
  await importRun({ runId })
  return runId
}

const userIdOf = ({ email }: TestUser): string =>
  usersAtStytch(bed).find(({ emails }) => emails[0]?.email === email)?.user_id ?? ''
const reasonOf = async ({ subject }: TestUser) => {
  const [row] = await bed.db.select().from(backfillRows).where(eq(backfillRows.subject, subject))
  return row?.reason ?? row?.state
}
const accountOf = ({ subject }: TestUser) => findAccount({ issuer: legacyConfig().issuer, subject })
const signIn = async ({ email }: TestUser) =>
  signedInOf(
    await bed.stytch.stytch.passwords.authenticate({
      email,
      password: oldPassword,
      session_duration_minutes: 60,
    }),
  )
const event = {
  at: new Date(),
  kind: 'sign_in' as const,
  lane: 'stytch' as const,
  result: 'signed_in',
  reason: 'password',
  milliseconds: 0,
}

it('deletes what the run made and nobody has used, at Stytch and here', async () => {
  const users = newUsers(5)
  const runId = await imported(users)
  expect(await undoRun({ runId })).toMatchObject({
    isDone: true,
    counts: { undone: { create_with_password: 5 } },
  })
  expect(usersAtStytch(bed)).toEqual([])
  expect(await bed.db.select().from(identities)).toEqual([])
  expect(await bed.db.select().from(accounts)).toEqual([])
  await expect(importRun({ runId })).rejects.toMatchObject({ code: 'run_undone' })
})

it('leaves a used account alone: a live session, a session that has ended, a factor, a mailed code', async () => {
  const [live, ended, changed, unused] = newUsers(4) as [TestUser, TestUser, TestUser, TestUser]
  const coded = newUser({ hash: null })
  const runId = await imported([live, ended, changed, unused, coded])
  await signIn(live)

  const { tokens, ...session } = await signIn(ended)
  await bed.stytch.stytch.sessions.revoke({ session_token: tokens.sessionToken })
  const account = await accountOf(ended)
  await bed.db.insert(events).values({
    ...event,
    accountId: account?.id ?? '',
    issuer: stytchIssuerName(),
    subject: session.user.id,
  })
  const record = bed.stytch.project.consumer.users.get(userIdOf(changed))
  record?.user.totps.push({ totp_id: 'totp-test-1', verified: true })

  const { email_id: method_id } = await bed.stytch.stytch.otps.email.loginOrCreate({
    email: coded.email,
  })
  const { code = '' } = await bed.stytch.lastMessage()
  await bed.stytch.stytch.otps.authenticate({ method_id, code: code ?? '' })

  const { counts } = await undoRun({ runId })
  expect(counts).toEqual({
    undone: { create_with_password: 1 },
    done: { kept_session: 1, kept_event: 1, kept_changed: 2 },
  })
  expect(await Promise.all([live, ended, changed, unused, coded].map(reasonOf))).toEqual([
    'kept_session',
    'kept_event',
    'kept_changed',
    'undone',
    'kept_changed',
  ])
  for (const user of [live, ended, changed, coded]) {
    expect(await accountOf(user)).not.toBeNull()
    expect(userIdOf(user)).not.toBe('')
  }
})

it('leaves a user alone whose identity a session has proved', async () => {
  const user = newUser({ emailVerified: false })
  const runId = await imported([user])
  await bed.db
    .update(identities)
    .set({ emailVerified: true, provedBy: 'a session', provedAt: new Date() })
    .where(eq(identities.subject, userIdOf(user)))
  expect((await undoRun({ runId })).counts).toEqual({ done: { kept_proof: 1 } })
})

it('leaves a user alone whom a carry-over made, and not the run', async () => {
  const user = newUser({ hash: null })
  await bed.stytch.stytch.users.create({ email: user.email, external_id: user.subject })
  const runId = await imported([user])
  expect((await undoRun({ runId })).counts).toEqual({ done: { kept_other_run: 1 } })
  expect(usersAtStytch(bed)).toHaveLength(1)
})

it('keeps the account of a user who has notes, and deletes the user at Stytch', async () => {
  const user = newUser()
  const runId = await imported([user])
  const account = await accountOf(user)
  await bed.db.insert(notes).values({ id: 'note-2', accountId: account?.id ?? '', text: 'mine' })
  expect((await undoRun({ runId })).counts).toEqual({ undone: { create_with_password: 1 } })
  expect(usersAtStytch(bed)).toEqual([])
  expect(await accountOf(user)).toEqual(account)
  expect(await bed.db.select().from(notes)).toHaveLength(1)
})

it('deletes a user whose import has failed half-way', async () => {
  const user = newUser({ hash: '$2a$99$'.padEnd(60, 'x') })
  const runId = await imported([user])
  expect(usersAtStytch(bed)).toHaveLength(1)
  await undoRun({ runId })
  expect(usersAtStytch(bed)).toEqual([])
})

it('forgets the identity before Stytch deletes the user, so that the mirror does not block the legacy record', async () => {
  const user = newUser()
  const runId = await imported([user])
  const userId = userIdOf(user)
  await bed.stytch.control('PUT', 'faults', [
    { method: 'DELETE', path: '/v1/users/*', status: 500, times: 1 },
  ])
  const stop = new AbortController()
  await undoRun({ runId, retryMilliseconds: 10, signal: stop.signal, onRow: () => stop.abort() })
  expect(await findAccount({ issuer: stytchIssuerName(), subject: userId })).toBeNull()
  expect(usersAtStytch(bed)).toHaveLength(1)
  // To run it again is to resume.
  expect((await undoRun({ runId })).isDone).toBe(true)
  expect(usersAtStytch(bed)).toEqual([])
})

it('refuses a run from before the oldest event', async () => {
  const runId = await imported(newUsers(1))
  const now = new Date(Date.now() + 101 * 24 * 60 * 60 * 1_000)
  await expect(undoRun({ runId, now })).rejects.toMatchObject({ code: 'run_too_old' })
  expect(usersAtStytch(bed)).toHaveLength(1)
})
