import { eq } from 'drizzle-orm'
import { NextRequest } from 'next/server'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { POST } from '../../../app/(cutover)/api/webhooks/auth0/route'
import { appEnvironment, auth0Tenant } from '../../../sandbox/settings.ts'
import { serve } from '../../../sandbox/stytch/fixture.ts'
import { type Account, findAccount } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { importRun } from '../backfill/import/import'
import {
  type BackfillBed,
  newUser,
  planUsers,
  setUpBackfill,
  type TestUser,
  usersAtStytch,
} from '../backfill/testing'
import { queue } from '../mirror/queue'
import { makeJobsDue } from '../mirror/testing'
import { drainRevocations } from '../revocation/drain'
import { pollLegacyUsers } from '../revocation/poll'
import { events, legacyPoll } from '../schema'
import { drainForward } from './drain'
import { pollForward } from './poll'

/** Only for tests of the forward writes: what happens at Auth0, and how the app learns of it. */

export const channels = ['log stream', 'event stream', 'poll'] as const
export type Channel = (typeof channels)[number]

export type ForwardBed = BackfillBed & {
  /** The messages that Auth0 sent and nobody has delivered yet. */
  sent: { body: string; authorization: string | undefined }[]
  receiver: Awaited<ReturnType<typeof serve>>
}

/** Opens it for one test file, with the forward writes switched on. */
export function setUpForward(): ForwardBed {
  const bed = setUpBackfill() as ForwardBed
  bed.sent = []
  beforeAll(async () => {
    process.env.FORWARD_WRITES = 'on'
    bed.receiver = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      bed.sent.push({ body, authorization: request.headers.authorization })
      response.end()
    })
  })
  beforeEach(async () => {
    bed.sent.length = 0
    turns = 0
    await (await queue()).deleteAllJobs()
    await bed.db.delete(legacyPoll)
  })
  afterAll(async () => {
    process.env.FORWARD_WRITES = ''
    await bed.receiver.close()
  })
  return bed
}

/** Lets the app learn what happens at Auth0 by one of the channels. Call it before anything happens. */
export async function listen(bed: ForwardBed, channel: Channel): Promise<void> {
  if (channel === 'poll') {
    // The first turn of the poll for blocked users only starts its clock.
    await pollLegacyUsers(new Date())
    listeningSince = Date.now()
    return
  }
  await bed.auth0.control('PUT', 'log-stream', {
    url: bed.receiver.url,
    token: appEnvironment.AUTH0_WEBHOOK_SECRET,
    format: channel === 'log stream' ? 'logs' : 'events',
  })
}

/** The turns of the poll in this test. */
let turns = 0
let listeningSince = 0

/** Delivers what has happened, and runs the jobs. @param messages the number that Auth0 sends */
export async function arrive(bed: ForwardBed, channel: Channel, messages = 1): Promise<void> {
  if (channel === 'poll') {
    turns += 1
    const later = new Date(Date.now() + turns * 301_000)
    await pollLegacyUsers(later)
    await drainRevocations()
    // Each turn looks back ten minutes. The seed users, who changed before, would only take time.
    const turn = { ranAt: new Date(0), checkedAt: new Date(listeningSince + 600_000), cursor: '' }
    await bed.db
      .insert(legacyPoll)
      .values({ id: 2, ...turn })
      .onConflictDoUpdate({ target: legacyPoll.id, set: turn })
    await pollForward(later)
  } else {
    await expect.poll(() => bed.sent.length, { interval: 5 }).toBe(messages)
    for (const { body, authorization } of bed.sent.splice(0)) {
      expect(await deliver(body, authorization)).toEqual([200, 'enqueued'])
    }
  }
  await runJobs(bed)
}

export async function runJobs(bed: ForwardBed): Promise<void> {
  await makeJobsDue(bed)
  await drainRevocations()
  await drainForward()
}

/** Sends a message to the webhook of the app. */
export async function deliver(body: string, authorization: string | undefined) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const url = 'http://localhost/api/webhooks/auth0'
  const response = await POST(new NextRequest(url, { method: 'POST', body, headers }))
  const { result, error } = (await response.json()) as { result?: string; error?: { code: string } }
  return [response.status, result ?? error?.code]
}

/** Calls the Management API as an administrator or another app does. */
export async function manage(bed: ForwardBed, method: string, path: string, body?: object) {
  const { body: token } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(await response.text())
}

const recordPath = ({ subject }: TestUser) => `users/${encodeURIComponent(subject)}`
export const change = (bed: ForwardBed, user: TestUser, changes: object) =>
  manage(bed, 'PATCH', recordPath(user), changes)
export const remove = (bed: ForwardBed, user: TestUser) => manage(bed, 'DELETE', recordPath(user))

/** A user who exists at Auth0 before the test begins. It makes no message. */
export async function addAtAuth0(bed: ForwardBed, over: Partial<TestUser> = {}): Promise<TestUser> {
  const user = newUser(over)
  const { subject, email, emailVerified, blocked = false } = user
  const name = 'Ada Lovelace'
  const record = { user_id: subject, email, email_verified: emailVerified, name, blocked }
  const { status } = await bed.auth0.control('POST', 'users', { users: [record] })
  expect(status).toBe(200)
  return user
}

/** An imported user whom nobody has used. */
export async function importedUser(bed: ForwardBed): Promise<TestUser> {
  const user = await addAtAuth0(bed)
  await importRun({ runId: await planUsers(bed, [user]) })
  await bed.stytch.control('DELETE', 'requests')
  return user
}

export const stytchUser = (bed: ForwardBed, { subject }: TestUser) =>
  usersAtStytch(bed).find(({ external_id }) => external_id === subject)

export async function accountOf({ subject }: TestUser): Promise<Account> {
  const account = await findAccount({ issuer: legacyConfig().issuer, subject })
  if (!account) throw new Error('no account')
  return account
}

/** A user signs up at Auth0, and Auth0 reports it. */
export async function signUpAtAuth0(
  bed: ForwardBed,
  over: Partial<TestUser> = {},
): Promise<TestUser> {
  const user = newUser({ hash: null, ...over })
  await manage(bed, 'POST', 'users', {
    connection: auth0Tenant.connection,
    user_id: user.subject.slice('auth0|'.length),
    email: user.email,
    email_verified: user.emailVerified,
    verify_email: false,
    password: 'purple-otter-lamp-74',
    name: 'Grace Hopper',
  })
  return user
}

/** The forward events of a user, each as "result reason". */
export async function forwardEvents({ db }: ForwardBed, { subject }: TestUser): Promise<string[]> {
  const rows = await db.select().from(events).where(eq(events.subject, subject)).orderBy(events.id)
  return rows
    .filter(({ kind }) => kind === 'forward')
    .map(({ result, reason }) => `${result} ${reason}`)
}
