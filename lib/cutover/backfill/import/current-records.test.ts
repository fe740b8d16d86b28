import { expect, it } from 'vitest'
import { deleteRecord, updateRecord } from '../../../legacy/auth0/management'
import { ProviderFailure } from '../../../provider-failure'
import { backfillRows } from '../schema'
import {
  addLegacyUser,
  newUser,
  newUsers,
  planUsers,
  setUpBackfill,
  usersAtStytch,
} from '../testing'
import { createRecordReader } from './current-records'
import { importRun } from './import'

/** Somebody changed users at Auth0 between the export and the import. */

const bed = setUpBackfill()

const patch = async (subject: string, changes: object) => {
  const { body } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/users/${encodeURIComponent(subject)}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(changes),
  })
  expect(response.status).toBe(200)
}

it('does not import a user who was blocked, deleted, changed or given a second factor since the export', async () => {
  const [same, blocked, deleted, moved, unverified, enrolled] = await Promise.all(
    Array.from({ length: 6 }, () => addLegacyUser(bed)),
  )
  if (!same || !blocked || !deleted || !moved || !unverified || !enrolled) throw new Error('users')
  const users = [same, blocked, deleted, moved, unverified, enrolled]
  const runId = await planUsers(bed, users)
  await patch(blocked.subject, { blocked: true })
  await deleteRecord(deleted.subject)
  await updateRecord(moved.subject, { email: newUser().email, emailVerified: true })
  await updateRecord(unverified.subject, { emailVerified: false })
  await bed.auth0.control('PUT', 'second-factor', { email: enrolled.email, enrolled: true })

  await importRun({ runId, records: createRecordReader() })
  const rows = await bed.db.select().from(backfillRows)
  const ends = new Map(rows.map(({ subject, state, reason }) => [subject, reason ?? state]))
  expect(users.map(({ subject }) => ends.get(subject))).toEqual([
    'done',
    'blocked',
    'blocked',
    'address_differs',
    'email_unverified',
    'mfa_enrolled',
  ])
  expect(usersAtStytch(bed).map(({ emails }) => emails[0]?.email)).toEqual([same.email])
})

it('an attacker who knows the old password does not get in after its owner changed it at Auth0', async () => {
  const user = await addLegacyUser(bed)
  const runId = await planUsers(bed, [user])
  await patch(user.subject, { password: 'another-otter-lamp-74' })
  const { counts } = await importRun({ runId, records: createRecordReader() })
  expect(counts).toEqual({ done: { create: 1 } })
  const [made] = usersAtStytch(bed)
  expect([made?.external_id, made?.password]).toEqual([user.subject, undefined])
  expect(await bed.db.select().from(backfillRows)).toMatchObject([{ hashOffset: null }])
})

it('imports nobody while Auth0 does not answer', async () => {
  const user = await addLegacyUser(bed)
  const runId = await planUsers(bed, [user])
  await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users', status: 503 }])
  const result = await importRun({ runId, records: createRecordReader(), retryMilliseconds: 1 })
  expect(result.counts).toEqual({ failed: { legacy_unavailable: 1 } })
  expect(usersAtStytch(bed)).toEqual([])
})

it('waits after an answer 429, which is no attempt of a row', async () => {
  const user = await addLegacyUser(bed)
  const runId = await planUsers(bed, [user])
  await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users', status: 429, times: 3 }])
  const waits: number[] = []
  const records = createRecordReader({ wait: async (milliseconds) => waits.push(milliseconds) })
  const { counts } = await importRun({ runId, records })
  expect(counts).toEqual({ done: { create_with_password: 1 } })
  expect(waits).toHaveLength(3)
  expect(await bed.db.select().from(backfillRows)).toMatchObject([{ attempts: 1 }])
})

it('refuses to go on with another tenant, which knows none of the users', async () => {
  const runId = await planUsers(bed, newUsers(30))
  await expect(importRun({ runId, records: createRecordReader() })).rejects.toMatchObject({
    code: 'users_missing',
  })
  expect(usersAtStytch(bed)).toEqual([])
})

it('looks up at most 50 users by one call, and gives each row its own error', async () => {
  const queries: number[] = []
  const records = createRecordReader({
    async find(subjects) {
      queries.push(subjects.length)
      throw new ProviderFailure('legacy', 'unavailable', 'the test')
    },
  })
  const ends = await Promise.allSettled(newUsers(120).map(({ subject }) => records(subject)))
  expect(queries).toEqual([50, 50, 20])
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
})
