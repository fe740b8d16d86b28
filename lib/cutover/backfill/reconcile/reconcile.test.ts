import { existsSync } from 'node:fs'
import { eq } from 'drizzle-orm'
import { beforeEach, expect, it } from 'vitest'
import { findAccount, findIdentity } from '../../../account/account'
import { identities, revocations } from '../../../db/schema'
import { blockRecord, deleteRecord } from '../../../legacy/auth0/management'
import { legacyConfig } from '../../../legacy/config'
import { findRevocation } from '../../../revocation/revocation-list'
import { stytchIssuerName } from '../../../stytch/issuer'
import { createRecordReader } from '../import/current-records'
import { importRun } from '../import/import'
import { backfillRows } from '../schema'
import {
  addLegacyUser,
  exportUsers,
  newUser,
  oldPassword,
  planUsers,
  setUpBackfill,
  type TestUser,
  usersAtStytch,
  writesAtStytch,
} from '../testing'
import type { Difference } from './differences'
import { withFreshExport } from './fresh-export'
import { type ReconcileOptions, reconcile } from './reconcile'
import { lastReconciliation } from './results'
import { backfillSides } from './schema'

const bed = setUpBackfill()
// The seed data has users whom no file knows.
beforeEach(() => bed.stytch.project.consumer.users.clear())

async function imported(users: TestUser[]): Promise<string> {
  const runId = await planUsers(bed, users)
  await importRun({ runId })
  await bed.stytch.control('DELETE', 'requests')
  return runId
}

const atStytch = ({ subject }: TestUser) => {
  const user = usersAtStytch(bed).find(({ external_id }) => external_id === subject)
  if (!user) throw new Error('no user')
  return user
}

async function compare(runId: string, options: Partial<ReconcileOptions> = {}) {
  const found: Difference[] = []
  const onDifference = (difference: Difference) => found.push(difference)
  return { ...(await reconcile({ runId, onDifference, ...options })), found }
}

/** Plants eight differences among users who are the same on both sides. */
async function plant() {
  const users = Object.fromEntries(
    [
      'same',
      'missing',
      'moved',
      'unverified',
      'blocked',
      'mixed',
      'other',
      'double',
      'unlinked',
    ].map((name) => [name, newUser()]),
  ) as Record<string, TestUser>
  const user = (name: string): TestUser => users[name] as TestUser
  const runId = await imported(Object.values(users))
  const all = bed.stytch.project.consumer.users
  const change = (name: string) => {
    const [email] = atStytch(user(name)).emails
    if (!email) throw new Error('no address')
    return email
  }
  all.delete(atStytch(user('missing')).user_id)
  change('moved').email = newUser().email
  change('unverified').verified = false
  // The subject of one user, and the address of another one, whose own Stytch user has a new address.
  change('other').email = newUser().email
  change('mixed').email = user('other').email
  const stranger = await bed.stytch.stytch.users.create({ email: newUser().email })
  // A second Stytch user in the same account.
  const second = await bed.stytch.stytch.users.create({ email: newUser().email })
  const account = await findAccount({
    issuer: legacyConfig().issuer,
    subject: user('double').subject,
  })
  await bed.db.insert(identities).values({
    issuer: stytchIssuerName(),
    subject: second.user_id,
    accountId: account?.id ?? '',
    email: user('double').email,
    emailVerified: false,
  })
  const unlinked = atStytch(user('unlinked')).user_id
  await bed.db.delete(identities).where(eq(identities.subject, unlinked))
  await bed.stytch.control('DELETE', 'requests')
  const usersFile = await exportUsers(
    bed,
    Object.values(users).map((each) => ({ ...each, blocked: each === users.blocked })),
  )
  return { runId, user, stranger, second, usersFile }
}

it('finds no difference after an import', async () => {
  const runId = await imported([newUser(), newUser({ emailVerified: false })])
  const result = await compare(runId)
  expect(result).toMatchObject({ users: { source: 2, stytch: 2 }, counts: {}, mended: 0 })
  expect(await bed.db.select().from(backfillSides)).toEqual([])
})

it('counts a user without a password apart, because Stytch verifies the address by the first code', async () => {
  const runId = await imported([newUser(), newUser({ hash: null })])
  const result = await compare(runId)
  expect(result).toMatchObject({ counts: {}, notes: { unverified_without_password: 1 }, found: [] })
})

it('compares the users of today with a fresh export: blocked, deleted, new, and left out', async () => {
  const [same, blocked, deleted] = await Promise.all([1, 2, 3].map(() => addLegacyUser(bed)))
  if (!same || !blocked || !deleted) throw new Error('no users')
  const runId = await imported([same, blocked, deleted])
  const deletedAtStytch = atStytch(deleted).user_id
  await blockRecord(blocked.subject)
  await deleteRecord(deleted.subject)
  const [fresh, protectedUser] = await Promise.all([addLegacyUser(bed), addLegacyUser(bed)])
  await bed.auth0.control('PUT', 'second-factor', { email: protectedUser.email, enrolled: true })

  const options = { folder: bed.folder, signal: new AbortController().signal, pollInterval: 1 }
  let file = ''
  const { found } = await withFreshExport(options, (usersFile) => {
    file = usersFile
    return compare(runId, { usersFile })
  })
  const ours = [same, blocked, deleted, fresh, protectedUser].map(({ subject }) => subject)
  // The seed data has users who are only at Auth0.
  expect(found.filter(({ subject }) => subject === null || ours.includes(subject))).toEqual(
    expect.arrayContaining([
      { code: 'only_at_auth0', subject: fresh.subject, stytchUserId: null },
      {
        code: 'blocked_there_live_here',
        subject: blocked.subject,
        stytchUserId: atStytch(blocked).user_id,
      },
      { code: 'only_at_stytch', subject: deleted.subject, stytchUserId: deletedAtStytch },
    ]),
  )
  expect(found.filter(({ subject }) => ours.includes(subject ?? ''))).toHaveLength(3)
  expect(existsSync(file)).toBe(false)
})

it('stores its result, which names no user, and counts those whom the plan left out', async () => {
  const user = newUser()
  const runId = await imported([user])
  expect(await lastReconciliation()).toBeNull()
  await compare(runId, { now: new Date('2026-06-01T00:00:00Z') })
  const usersFile = await exportUsers(bed, [user, newUser(), newUser({ emailVerified: false })])
  bed.stytch.project.consumer.users.clear()
  const now = new Date('2026-06-02T00:00:00Z')
  await compare(runId, { usersFile, now, fix: 'only_at_auth0' })
  const last = await lastReconciliation(runId)
  expect(last).toEqual({
    id: expect.any(String),
    runId,
    at: now,
    users: { source: 3, stytch: 0, notCompared: 0 },
    leftOut: 1,
    counts: { only_at_auth0: 2 },
    fix: 'only_at_auth0',
    mended: 1,
  })
  expect(await lastReconciliation()).toEqual(last)
  expect(await lastReconciliation('another run')).toBeNull()
})

it('names each of eight planted differences, and changes nothing', async () => {
  const { runId, user, stranger, second, usersFile } = await plant()
  const { found } = await compare(runId, { usersFile })
  const subjectOf = (code: string) =>
    found.filter((each) => each.code === code).map(({ subject }) => subject)
  expect(subjectOf('only_at_auth0')).toEqual([user('missing').subject])
  expect(found.filter(({ code }) => code === 'only_at_stytch')).toEqual([
    { code: 'only_at_stytch', subject: null, stytchUserId: stranger.user_id },
  ])
  expect(subjectOf('address_differs').sort()).toEqual(
    [user('moved'), user('other'), user('double')].map(({ subject }) => subject).sort(),
  )
  expect(subjectOf('verified_differs')).toEqual([user('unverified').subject])
  expect(subjectOf('blocked_there_live_here')).toEqual([user('blocked').subject])
  expect(subjectOf('external_id_of_somebody_else')).toEqual([user('mixed').subject])
  expect(subjectOf('two_users_for_one_subject')).toEqual([user('double').subject])
  expect(subjectOf('account_without_identity')).toEqual([user('unlinked').subject])
  expect(found.find(({ stytchUserId }) => stytchUserId === second.user_id)?.code).toBe(
    'address_differs',
  )
  expect(subjectOf('only_at_auth0')).not.toContain(user('same').subject)
  expect(writesAtStytch(bed)).toEqual([])
})

it('mends what it may: a missing user, a missing identity and the sessions of a blocked user', async () => {
  const { runId, user, usersFile } = await plant()
  const blocked = await bed.stytch.stytch.passwords.authenticate({
    email: user('blocked').email,
    password: oldPassword,
    session_duration_minutes: 60,
  })
  for (const fix of [
    'only_at_auth0',
    'account_without_identity',
    'blocked_there_live_here',
  ] as const) {
    expect(await compare(runId, { fix, usersFile })).toMatchObject({ mended: 1 })
  }
  const { counts } = await compare(runId, { usersFile })
  expect(Object.keys(counts).sort()).toEqual([
    'address_differs',
    'external_id_of_somebody_else',
    'only_at_stytch',
    'two_users_for_one_subject',
    'verified_differs',
  ])
  await bed.stytch.stytch.passwords.authenticate({
    email: user('missing').email,
    password: oldPassword,
  })
  const linked = { issuer: stytchIssuerName(), subject: atStytch(user('unlinked')).user_id }
  const legacy = { issuer: legacyConfig().issuer, subject: user('unlinked').subject }
  expect((await findIdentity(linked))?.account).toEqual((await findIdentity(legacy))?.account)
  await expect(
    bed.stytch.stytch.sessions.authenticate({ session_token: blocked.session_token }),
  ).rejects.toThrow()
  const session = { sessionId: blocked.session?.session_id ?? '', startedAt: new Date() }
  const subject = atStytch(user('blocked')).user_id
  expect(await findRevocation({ issuer: stytchIssuerName(), subject, ...session })).toBe(
    'user_deleted',
  )
})

it('logs nobody out whose block was lifted after the export', async () => {
  const user = await addLegacyUser(bed)
  const runId = await imported([user])
  const usersFile = await exportUsers(bed, [{ ...user, blocked: true }])
  const records = createRecordReader({ gather: async () => {} })
  const fix = 'blocked_there_live_here'
  expect(await compare(runId, { fix, usersFile, records })).toMatchObject({ mended: 0 })
  expect(await bed.db.select().from(revocations)).toEqual([])
  await blockRecord(user.subject)
  // This block is the mirror's. It does not follow from it that the user must not sign in at Stytch.
  expect(await compare(runId, { fix, usersFile, records })).toMatchObject({ mended: 0 })
})

it('does not mend a missing user whose address a stranger has taken', async () => {
  const user = newUser()
  const runId = await imported([user])
  bed.stytch.project.consumer.users.clear()
  await bed.db.delete(identities).where(eq(identities.issuer, stytchIssuerName()))
  await bed.stytch.stytch.passwords.create({
    email: user.email,
    password: 'plover-basalt-orrery-31',
    session_duration_minutes: 60,
  })
  const { imported: counts } = await compare(runId, { fix: 'only_at_auth0' })
  expect(counts).toEqual({ skipped: { address_taken: 1 } })
})

it('mends nobody whom the plan left out, such as a user with a second factor', async () => {
  const user = newUser()
  const runId = await planUsers(bed, [user], { outcome: 'mfa_enrolled' })
  await bed.db.update(backfillRows).set({ state: 'skipped' })
  await bed.stytch.stytch.users.create({ email: user.email, external_id: user.subject })
  const result = await compare(runId, { fix: 'account_without_identity' })
  expect(result).toMatchObject({ counts: { account_without_identity: 1 }, mended: 0 })
  expect(await bed.db.select().from(identities)).toEqual([])
})

it('writes no address into its tables, also none of an enterprise subject', async () => {
  const user = newUser({ subject: 'samlp|acme|ada@acme.example' })
  const { runId, user: planted } = await plant()
  const run = await planUsers(bed, [user, planted('same')])
  const rows: unknown[] = []
  const result = await compare(run, {
    onUsers: async () => rows.push(await bed.db.select().from(backfillSides)),
  })
  expect(result.users).toMatchObject({ source: 1, notCompared: 1 })
  await compare(runId)
  expect(JSON.stringify(rows)).toContain(planted('same').subject)
  expect(JSON.stringify(rows)).not.toContain('@')
})

it('reads more users than a page of Stytch has', async () => {
  const runId = await imported([newUser()])
  const { users } = bed.stytch.project.consumer
  const [record] = [...users.values()]
  if (!record) throw new Error('no user')
  for (let n = 0; n < 2_100; n += 1) {
    const user = structuredClone(record.user)
    const email = { ...user.emails[0], email: `n${n}@example.com` } as (typeof user.emails)[number]
    Object.assign(user, { user_id: `user-test-${n}`, external_id: undefined, emails: [email] })
    users.set(user.user_id, { ...record, user })
  }
  const result = await compare(runId)
  expect(result.users).toEqual({ source: 1, stytch: 2_101, notCompared: 0 })
  expect(result.counts).toEqual({ only_at_stytch: 2_100 })
  const searches = bed.stytch.project.requests.list()
  expect(searches.map(({ path }) => path)).toEqual(Array(3).fill('/v1/users/search'))
})
