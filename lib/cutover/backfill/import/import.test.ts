import { setTimeout as delay } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { findAccount, findIdentity, openAccount } from '../../../account/account'
import { epoch, proofRules, SessionUnproved } from '../../../account/proof'
import { inTransaction } from '../../../db/database'

import { legacyConfig } from '../../../legacy/config'
import { listUser } from '../../../revocation/revocation-list'
import { stytchIssuerName } from '../../../stytch/issuer'
import { signUp, signUpUnproved } from '../../mirror/testing'
import { events } from '../../schema'
import { backfillRows, backfillRuns } from '../schema'
import { checked } from '../source/mapping'
import {
  newUser,
  newUsers,
  oldPassword,
  planUsers,
  setUpBackfill,
  type TestUser,
  usersAtStytch,
  writesAtStytch,
} from '../testing'
import { type ImportOptions, importRun } from './import'
import { createLimiter, type Limiter } from './limiter'
import { endStorm, pauseAll, takeStart } from './pace'

const bed = setUpBackfill()

const run = (runId: string, options: Partial<ImportOptions> = {}) =>
  importRun({ runId, leaseMilliseconds: 3_000, retryMilliseconds: 10, ...options })
const stytchIdentity = (subject: string) => findIdentity({ issuer: stytchIssuerName(), subject })
const legacy = (subject: string) => findIdentity({ issuer: legacyConfig().issuer, subject })
const rowOf = async (runId: string, subject: string) =>
  (await bed.db.select().from(backfillRows).where(eq(backfillRows.runId, runId))).find(
    (row) => row.subject === subject,
  )
const signInWith = (email: string, password: string) =>
  bed.stytch.stytch.passwords.authenticate({ email, password, session_duration_minutes: 60 })

it('creates each user at Stytch with the old password, the account and both identities', async () => {
  const users = newUsers(5)
  const runId = await planUsers(bed, users)
  const result = await run(runId)
  expect(result).toMatchObject({
    isDone: true,
    settled: 5,
    counts: { done: { create_with_password: 5 } },
  })
  for (const { subject, email } of users) {
    const { user_id, user } = await signInWith(email, oldPassword)
    expect(user).toMatchObject({
      external_id: subject,
      emails: [{ email, verified: true }],
      name: { first_name: 'Ada', last_name: 'Lovelace' },
    })
    const [there, here] = await Promise.all([stytchIdentity(user_id), legacy(subject)])
    expect(there?.proof).toEqual({ by: proofRules.import, at: epoch })
    expect(here?.proof?.by).toBe(proofRules.import)
    expect(there?.account).toEqual(here?.account)
    expect(await rowOf(runId, subject)).toMatchObject({
      state: 'done',
      madeUser: true,
      stytchUserId: user_id,
    })
  }
})

it('an attacker whose mapped field has the phone of a victim gets no verified phone', async () => {
  const [own, victims] = ['+15550100111', '+15550100222']
  const [honest, mallory] = [newUser({ phone: '555-010-0111' }), newUser({ phone: own })]
  const runId = await planUsers(bed, [honest, mallory])
  // A mapping that reads a field of the user, such as one of `user_metadata`.
  const mapping = checked(({ subject }) => ({ phone: subject === mallory.subject ? victims : own }))
  await run(runId, { mapping })
  const phones = ({ subject }: TestUser) =>
    usersAtStytch(bed).find(({ external_id }) => external_id === subject)?.phone_numbers
  expect(phones(honest)).toMatchObject([{ phone_number: own }])
  expect(phones(mallory)).toEqual([])
})

it('writes nothing at Stytch when the same file is imported again', async () => {
  const users = newUsers(4)
  const runId = await planUsers(bed, users)
  await run(runId)
  await bed.stytch.control('DELETE', 'requests')
  expect(await run(runId)).toMatchObject({ isDone: true, settled: 0 })
  expect(bed.stytch.project.requests.list()).toEqual([])

  const again = await planUsers(bed, users, { outcome: 'already' })
  expect(await run(again)).toMatchObject({ counts: { done: { already: 4 } } })
  expect(writesAtStytch(bed)).toEqual([])
  expect(usersAtStytch(bed)).toHaveLength(4)
})

it('leaves the identities of an unverified address unproved, and brings no password that an attacker may know', async () => {
  const user = newUser({ emailVerified: false })
  const runId = await planUsers(bed, [user])
  expect(await run(runId)).toMatchObject({ counts: { done: { create_with_password: 1 } } })
  const here = await legacy(user.subject)
  const there = await stytchIdentity(usersAtStytch(bed)[0]?.user_id ?? '')
  expect(here?.proof).toBeNull()
  expect(there?.proof).toBeNull()
  expect(there?.account.id).toBe(here?.account.id)
  await expect(signInWith(user.email, oldPassword)).rejects.toThrow()
})

describe('a stranger who signed up at Stytch first with the address', () => {
  it.each([
    ['with a password', async (email: string) => void (await signUpUnproved(bed, { email }))],
    [
      'without a password, so that Stytch would add the imported hash to the user',
      async (email: string) => void (await bed.stytch.stytch.users.create({ email })),
    ],
    ['and proved the address once', async (email: string) => void (await signUp(bed, { email }))],
  ])('%s is not adopted', async (_, attack) => {
    const user = newUser()
    await attack(user.email)
    const before = structuredClone(usersAtStytch(bed))
    const runId = await planUsers(bed, [user])
    expect(await run(runId)).toMatchObject({ counts: { skipped: { address_taken: 1 } } })
    expect(usersAtStytch(bed)).toEqual(before)
    expect(await legacy(user.subject)).toBeNull()
  })
})

it('does not let an old session of a pre-hijacker at Auth0 into the imported account', async () => {
  const user = newUser()
  await run(await planUsers(bed, [user]))
  const attacker = { key: 'began before the owner verified the address', startedAt: new Date(0) }
  const opening = openAccount({
    issuer: legacyConfig().issuer,
    subject: user.subject,
    email: user.email,
    name: 'Eve',
    isCurrent: false,
    session: attacker,
    proof: null,
  })
  await expect(opening).rejects.toThrow(SessionUnproved)
})

it('links a user whom a carry-over has created, and writes nothing at Stytch', async () => {
  const user = newUser()
  const made = await bed.stytch.stytch.users.create({
    email: user.email,
    external_id: user.subject,
  })
  await bed.stytch.control('DELETE', 'requests')
  const runId = await planUsers(bed, [{ ...user, hash: null }])
  expect(await run(runId)).toMatchObject({ counts: { done: { already: 1 } } })
  expect(writesAtStytch(bed)).toEqual([])
  expect(await rowOf(runId, user.subject)).toMatchObject({
    madeUser: false,
    stytchUserId: made.user_id,
  })
  expect((await stytchIdentity(made.user_id))?.proof?.by).toBe(proofRules.import)
})

it('does not import a user whom Auth0 has blocked since the export', async () => {
  const user = newUser()
  const runId = await planUsers(bed, [user])
  await inTransaction((tx) =>
    listUser(tx, { issuer: legacyConfig().issuer, subject: user.subject }, 'blocked', new Date()),
  )
  expect(await run(runId)).toMatchObject({ counts: { skipped: { blocked: 1 } } })
  expect(usersAtStytch(bed)).toEqual([])
})

it('does not import a user whom the file calls blocked, whatever the plan says', async () => {
  const runId = await planUsers(bed, [newUser({ blocked: true })])
  expect(await run(runId)).toMatchObject({ counts: { skipped: { blocked: 1 } } })
  expect(usersAtStytch(bed)).toEqual([])
})

it('does not import a user whose legacy session has shown a second factor since the export', async () => {
  const user = newUser()
  const runId = await planUsers(bed, [user])
  await bed.db.insert(events).values({
    at: new Date(),
    kind: 'sign_in',
    issuer: legacyConfig().issuer,
    subject: user.subject,
    lane: 'legacy',
    result: 'kept',
    reason: 'mfa_required',
    milliseconds: 0,
  })
  expect(await run(runId)).toMatchObject({ counts: { skipped: { mfa_enrolled: 1 } } })
  expect(usersAtStytch(bed)).toEqual([])
})

describe('a call without an answer', () => {
  const fault = (path: string, more: object) =>
    bed.stytch.control('PUT', 'faults', [{ method: 'POST', path, times: 1, ...more }])

  it.each([
    ['408', { status: 408, body: { status_code: 408, error_type: 'request_timeout' } }],
    ['500', { status: 500 }],
    ['a dropped connection', { drop: true }],
  ])('is made again after a look-up (%s)', async (_, more) => {
    await fault('/v1/users', more)
    const [user] = newUsers(1)
    const runId = await planUsers(bed, user ? [user] : [])
    expect(await run(runId)).toMatchObject({ counts: { done: { create_with_password: 1 } } })
    expect((await rowOf(runId, user?.subject ?? ''))?.attempts).toBe(2)
    const calls = bed.stytch.project.requests.list().map(({ method, path }) => `${method} ${path}`)
    expect(calls.slice(0, 3)).toEqual([
      'POST /v1/users',
      `GET /v1/users/${encodeURIComponent(user?.subject ?? '')}`,
      'POST /v1/users',
    ])
  })

  it('is not made again if it had an effect', async () => {
    const user = newUser()
    const runId = await planUsers(bed, [user])
    // Stytch creates the user, and the process is killed before the answer.
    await bed.stytch.stytch.users.create({
      email: user.email,
      external_id: user.subject,
      trusted_metadata: { cutover_backfill_run: runId },
    })
    await bed.db
      .update(backfillRows)
      .set({ state: 'claimed', attempts: 1, leaseEndsAt: new Date(0) })
    await bed.stytch.control('DELETE', 'requests')
    expect(await run(runId)).toMatchObject({ counts: { done: { create_with_password: 1 } } })
    expect(writesAtStytch(bed).map(({ path }) => path)).toEqual(['/v1/passwords/migrate'])
    expect(await rowOf(runId, user.subject)).toMatchObject({ madeUser: true })
    await signInWith(user.email, oldPassword)
  })

  it('is looked up when it is only late, and then nothing is written twice', async () => {
    const user = newUser()
    const runId = await planUsers(bed, [user])
    await fault('/v1/passwords/migrate', { delayMs: 600 })
    const [hasty, patient] = [createLimiter(1_000, { deadline: 300 }), createLimiter(1_000)]
    // Only the second call, which brings the password, has the short deadline. A busy machine may be late with any.
    const limiters = [patient, hasty]
    const call: Limiter = (each) => (limiters.shift() ?? patient)(each)
    await run(runId, { call, retryMilliseconds: 500 })
    expect(writesAtStytch(bed).map(({ path }) => path)).toEqual([
      '/v1/users',
      '/v1/passwords/migrate',
    ])
    expect(await rowOf(runId, user.subject)).toMatchObject({
      state: 'done',
      madeUser: true,
      attempts: 2,
    })
  })
})

/** The limiter with a clock that runs a hundred times as fast, so that its pauses of seconds take milliseconds. */
function fastLimiter(rate: number) {
  const clock = sql`to_timestamp(extract(epoch from clock_timestamp()) * 100)`
  return createLimiter(rate, {
    pace: {
      take: (spacing) => takeStart(spacing, clock),
      pause: (at) => pauseAll(at, clock),
      endStorm,
    },
    wait: (milliseconds) => delay(milliseconds / 100),
  })
}

it('survives a storm of 429: each answer is no attempt, and no row fails', async () => {
  const users = newUsers(12)
  const runId = await planUsers(bed, users)
  const body = { status_code: 429, error_type: 'too_many_requests' }
  await bed.stytch.control('PUT', 'faults', [{ path: '*', status: 429, body, times: 6 }])
  const result = await run(runId, { call: fastLimiter(1_000), leaseMilliseconds: 30_000 })
  expect(result).toMatchObject({ counts: { done: { create_with_password: 12 } } })
  const rows = await bed.db.select().from(backfillRows).where(eq(backfillRows.runId, runId))
  expect(rows.every(({ attempts }) => attempts === 1)).toBe(true)
})

it('stays below the rate limit of Stytch', async () => {
  await bed.stytch.control('PUT', 'rate-limits', { enabled: true })
  const runId = await planUsers(bed, newUsers(80))
  await run(runId, { rate: 60 })
  await bed.stytch.control('PUT', 'rate-limits', { enabled: false })
  const statuses = bed.stytch.project.requests.list().map(({ status }) => status)
  expect(statuses).toEqual(Array(160).fill(200))
})

it('fails a row that Stytch refuses, and goes on with the others', async () => {
  const users = [newUser({ hash: '$2a$99$'.padEnd(60, 'x') }), ...newUsers(2)]
  const runId = await planUsers(bed, users)
  const { counts, isDone } = await run(runId)
  expect(isDone).toBe(true)
  expect(Object.values(counts.failed ?? {})).toEqual([1])
  expect(counts.done).toEqual({ create_with_password: 2 })
})

it('refuses a file that has changed since the plan, and an unknown run', async () => {
  const runId = await planUsers(bed, newUsers(1))
  await bed.db.update(backfillRuns).set({ usersDigest: '0' })
  await expect(run(runId)).rejects.toMatchObject({ code: 'file_changed' })
  await expect(run('nothing')).rejects.toMatchObject({ code: 'run_unknown' })
  expect(usersAtStytch(bed)).toEqual([])
})

it('writes no address, no hash and no name into its tables', async () => {
  const user = newUser()
  await run(await planUsers(bed, [user]))
  const rows = JSON.stringify([
    await bed.db.select().from(backfillRows),
    await bed.db.select().from(backfillRuns),
  ])
  for (const secret of [user.email, user.hash ?? '', 'Lovelace']) {
    expect(rows).not.toContain(secret)
  }
  expect(await findAccount({ issuer: legacyConfig().issuer, subject: user.subject })).not.toBeNull()
})
