import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NextRequest } from 'next/server'
import { describe, expect, it } from 'vitest'
import { POST } from '../../../app/(cutover)/api/webhooks/stytch/route'
import { appEnvironment, stytchProject } from '../../../sandbox/settings.ts'
import { signedHeaders } from '../../../sandbox/stytch/webhooks.ts'
import { findIdentity, openAccount } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { callStytch } from '../../stytch/client'
import { importRun } from '../backfill/import/import'
import {
  oldPassword,
  planUsers,
  type TestUser,
  usersAtStytch,
  writesAtStytch,
} from '../backfill/testing'
import { drain } from '../mirror/drain'
import { mirrorPassword } from '../mirror/enqueue'
import { legacyUsers, newAddress } from '../mirror/testing'
import { events } from '../schema'
import { drainForward } from './drain'
import { legacyUserOf } from './legacy-user'
import { changesOf } from './message-changes'
import { leftOutCodes, writtenCodes } from './outcome'
import {
  accountOf,
  addAtAuth0,
  arrive,
  change,
  deliver,
  forwardEvents,
  importedUser,
  listen,
  remove,
  runJobs,
  setUpForward,
  signUpAtAuth0,
  stytchUser,
} from './testing'

const bed = setUpForward()
const channel = 'log stream'
const secret = appEnvironment.AUTH0_WEBHOOK_SECRET

/** A message of a log stream. */
const log = (type: string, user: Pick<TestUser, 'subject'>) =>
  JSON.stringify([{ log_id: crypto.randomUUID(), data: { type, user_id: user.subject } }])

const tell = async (type: string, user: Pick<TestUser, 'subject'>) =>
  deliver(log(type, user), secret)

describe('an attacker', () => {
  it('who forges a message writes nothing', async () => {
    const ada = await addAtAuth0(bed)
    for (const token of [undefined, '', 'another-token', appEnvironment.CRON_SECRET]) {
      expect(await deliver(log('ss', ada), token)).toEqual([401, 'secret_wrong'])
    }
    await runJobs(bed)
    expect(usersAtStytch(bed)).toEqual([])
  })

  it('who replays old messages changes nothing, since only the record counts', async () => {
    const ada = await importedUser(bed)
    await listen(bed, channel)
    await change(bed, ada, { name: 'Countess' })
    await change(bed, ada, { name: 'Ada Lovelace' })
    await expect.poll(() => bed.sent.length, { interval: 5 }).toBe(2)
    for (const { body } of [...bed.sent].reverse()) await deliver(body, secret)
    await tell('sdu', ada)
    await runJobs(bed)
    expect(writesAtStytch(bed)).toEqual([])
    expect(await forwardEvents(bed, ada)).toEqual([])
  })

  it('who signs up at Auth0 with an unverified address of a victim writes nothing at Stytch', async () => {
    await listen(bed, channel)
    const mallory = await signUpAtAuth0(bed, { emailVerified: false })
    await arrive(bed, channel)
    expect(usersAtStytch(bed)).toEqual([])
    expect(
      await findIdentity({ issuer: legacyConfig().issuer, subject: mallory.subject }),
    ).toBeNull()
    expect(await forwardEvents(bed, mallory)).toEqual(['left_out email_unverified'])
  })

  it('who verifies an address at Auth0 does not get the Stytch user of its owner', async () => {
    const email = newAddress()
    await bed.stytch.stytch.passwords.create({ email, password: oldPassword })
    await listen(bed, channel)
    const mallory = await signUpAtAuth0(bed, { email })
    await arrive(bed, channel)
    expect(usersAtStytch(bed)).toMatchObject([{ emails: [{ email }] }])
    expect(stytchUser(bed, mallory)).toBeUndefined()
    expect(await forwardEvents(bed, mallory)).toEqual(['left_out address_taken'])
  })

  it('who changes an address to that of a Stytch user does not get it', async () => {
    const mallory = await importedUser(bed)
    const email = newAddress()
    await bed.stytch.stytch.users.create({ email })
    await listen(bed, channel)
    await change(bed, mallory, { email, email_verified: true })
    await arrive(bed, channel)
    expect(stytchUser(bed, mallory)?.emails).toMatchObject([{ email: mallory.email }])
    expect(await forwardEvents(bed, mallory)).toEqual(['left_out address_taken'])
  })

  it('who runs an organization’s own identity provider proves no address of a stranger', () => {
    const record = {
      user_id: 'oidc|mallory|1',
      email: 'victim@example.com',
      email_verified: true,
      identities: [{ provider: 'oidc', connection: 'mallory', user_id: '1', isSocial: false }],
    }
    expect(legacyUserOf(record).emailVerified).toBe(false)
    expect(legacyUserOf({ ...record, user_id: 'auth0|1' }).emailVerified).toBe(true)
  })

  it('who asks for a password mail of a victim does not delete the password at Stytch', async () => {
    const ada = await importedUser(bed)
    expect(await tell('scpr', ada)).toEqual([200, 'ignored'])
    await runJobs(bed)
    expect(stytchUser(bed, ada)?.password).toBeDefined()
  })
})

describe('a user who has used Stytch', () => {
  it('keeps the address and the name, and each refusal counts once', async () => {
    const ada = await importedUser(bed)
    await bed.stytch.stytch.passwords.authenticate({
      email: ada.email,
      password: oldPassword,
      session_duration_minutes: 60,
    })
    await bed.stytch.control('DELETE', 'requests')
    await listen(bed, channel)
    await change(bed, ada, { email: newAddress(), email_verified: true, name: 'Countess' })
    await arrive(bed, channel)
    await tell('sce', ada)
    await runJobs(bed)
    expect(stytchUser(bed, ada)).toMatchObject({
      emails: [{ email: ada.email }],
      name: { first_name: 'Ada' },
    })
    expect(writesAtStytch(bed)).toEqual([])
    expect(await forwardEvents(bed, ada)).toEqual([
      'left_out address_needs_proof',
      'left_out used_at_stytch',
    ])
  })

  it('is not deleted at Stytch when Auth0 deletes them', async () => {
    const ada = await importedUser(bed)
    await bed.stytch.stytch.passwords.authenticate({
      email: ada.email,
      password: oldPassword,
      session_duration_minutes: 60,
    })
    await listen(bed, channel)
    await remove(bed, ada)
    await arrive(bed, channel)
    expect(stytchUser(bed, ada)).toBeDefined()
    expect(await forwardEvents(bed, ada)).toEqual(['left_out used_at_stytch'])
  })

  it('keeps the password that they set at Stytch, though Auth0 reports what the mirror wrote', async () => {
    const ada = await importedUser(bed)
    await listen(bed, channel)
    const userId = stytchUser(bed, ada)?.user_id ?? ''
    await mirrorPassword(await accountOf(ada), userId, 'another-otter-lamp-74', new Date())
    // Auth0 may report the change before the mirror has recorded it.
    await tell('scp', ada)
    await drainForward()
    await drain()
    await arrive(bed, channel)
    expect(stytchUser(bed, ada)?.password).toBeDefined()
    expect(await forwardEvents(bed, ada)).toEqual(['left_out password_kept'])
  })
})

it('Stytch’s report of our own write does not bring the old address back to Auth0', async () => {
  const ada = await importedUser(bed)
  const body = JSON.stringify({
    project_id: stytchProject.projectId,
    action: 'UPDATE',
    object_type: 'user',
    id: stytchUser(bed, ada)?.user_id,
  })
  const report = async () => {
    const headers = signedHeaders(stytchProject.webhook.secret, `msg_${crypto.randomUUID()}`, body)
    const url = 'http://localhost/api/webhooks/stytch'
    return (await POST(new NextRequest(url, { method: 'POST', body, headers }))).json()
  }
  const email = newAddress()
  await change(bed, ada, { email })
  await tell('scp', ada)
  await runJobs(bed)
  expect(stytchUser(bed, ada)?.password).toBeUndefined()
  expect(await report()).toEqual({ result: 'ignored' })
  await drain()
  expect(await legacyUsers(bed, email)).toHaveLength(1)

  const account = await accountOf(ada)
  const used = { kind: 'sign_in', lane: 'stytch', result: 'signed_in', reason: 'code' } as const
  await bed.db
    .insert(events)
    .values({ ...used, at: new Date(), accountId: account.id, milliseconds: 0 })
  expect(await report()).toEqual({ result: 'enqueued' })
})

it('a visitor of the legacy login who changes the address gets a Stytch user with the new one', async () => {
  const ada = await addAtAuth0(bed)
  const signedInAt = new Date()
  const profile = {
    issuer: legacyConfig().issuer,
    subject: ada.subject,
    email: ada.email,
    name: '',
  }
  const account = await openAccount({
    ...profile,
    isCurrent: true,
    session: { key: 'a session', startedAt: signedInAt },
    proof: { by: 'a session', at: signedInAt },
  })
  const runId = await planUsers(bed, [ada])
  const email = newAddress()
  await change(bed, ada, { email, email_verified: true })
  await tell('sce', ada)
  await runJobs(bed)
  await importRun({ runId })
  expect(usersAtStytch(bed)).toMatchObject([{ emails: [{ email }] }])
  expect(await accountOf(ada)).toMatchObject({ id: account.id, provedEmail: email })
})

describe('who is created', () => {
  it('an enterprise subject, which contains an address, is in no job and no event', async () => {
    expect(await tell('ss', { subject: 'samlp|acme|ada@acme.example' })).toEqual([200, 'enqueued'])
    const { rows } = (await bed.db.execute(
      "select (select count(*)::int from pgboss.job where data::text like '%@%') + (select count(*)::int from events where subject like '%@%') as count",
    )) as unknown as { rows: { count: number }[] }
    expect(rows).toEqual([{ count: 0 }])
  })

  it('nobody who is older than the plan and not in it', async () => {
    await bed.auth0.control('PUT', 'clock', { offsetSeconds: -3 * 24 * 60 * 60 })
    const alan = await addAtAuth0(bed)
    await bed.auth0.control('PUT', 'clock', { offsetSeconds: 0 })
    await planUsers(bed, [await addAtAuth0(bed)])
    await tell('sv', alan)
    await runJobs(bed)
    expect(stytchUser(bed, alan)).toBeUndefined()
    expect(await forwardEvents(bed, alan)).toEqual(['left_out not_planned'])
  })

  it('nobody whom the operator’s mapping left out', async () => {
    const barbara = await addAtAuth0(bed)
    await planUsers(bed, [barbara], { outcome: 'organization_member' })
    await tell('sv', barbara)
    await runJobs(bed)
    expect(await forwardEvents(bed, barbara)).toEqual(['left_out organization_member'])
  })
})

it.each([
  ['a login', { data: { type: 's', user_id: 'auth0|1' } }],
  [
    'a reading of a user',
    { data: { type: 'sapi', details: { request: { method: 'get', path: '/api/v2/users/1' } } } },
  ],
  [
    'a path with a malformed encoding',
    {
      data: {
        type: 'sapi',
        details: { request: { method: 'patch', path: '/api/v2/users/%E0%A4%A' } },
      },
    },
  ],
  ['an operation without a request', { data: { type: 'sapi' } }],
])('%s is no change', (_, entry) => expect(changesOf([entry])).toEqual([]))

it('a user whose Stytch user is gone is left out, and made again by nobody', async () => {
  const ada = await importedUser(bed)
  await callStytch((client) =>
    client.users.delete({ user_id: stytchUser(bed, ada)?.user_id ?? '' }),
  )
  await listen(bed, channel)
  await change(bed, ada, { name: 'Countess' })
  await arrive(bed, channel)
  expect(usersAtStytch(bed)).toEqual([])
  expect(await forwardEvents(bed, ada)).toEqual(['left_out gone_at_stytch'])
})

it('docs/forward-writes.md explains every code', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/forward-writes.md'), 'utf8')
  const codes: string[] = [...writtenCodes, ...leftOutCodes]
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})
