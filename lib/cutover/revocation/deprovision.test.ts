import { NextRequest } from 'next/server'
import { beforeEach, describe, expect, it } from 'vitest'
import { POST as auth0Webhook } from '../../../app/(cutover)/api/webhooks/auth0/route'
import { POST as stytchWebhook } from '../../../app/(cutover)/api/webhooks/stytch/route'
import { appEnvironment, auth0Tenant, stytchProject } from '../../../sandbox/settings.ts'
import { serve } from '../../../sandbox/stytch/fixture.ts'
import { signedHeaders } from '../../../sandbox/stytch/webhooks.ts'
import { type Account, findAccount } from '../../account/account'
import { accounts, revocations } from '../../db/schema'
import { type LegacySession, readLegacySession } from '../../legacy/session'
import { findRevocation } from '../../revocation/revocation-list'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession, type StytchSession } from '../../stytch/session'
import { readCredentials } from '../../token/credentials'
import { carryOver } from '../migration/carry-over'
import { eventsOf, goodPassword, makeJobsDue, newAddress, setUpTestBed } from '../mirror/testing'
import { registry } from '../routing/registry'
import { legacyPoll } from '../schema'
import { drainRevocations } from './drain'
import { pollLegacyUsers } from './poll'

/** A user is blocked or deleted at Auth0 after their session was carried over to Stytch. */

const bed = setUpTestBed()
beforeEach(async () => {
  await Promise.all([bed.stytch, bed.auth0].map(({ control }) => control('DELETE', 'faults')))
  await bed.db.delete(revocations)
  await bed.db.delete(legacyPoll)
  await bed.db.delete(accounts)
})

const management = async (method: string, path: string, body?: object) => {
  const { body: token } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(await response.text())
}
const recordPath = ({ legacy }: Person) => `users/${encodeURIComponent(legacy.subject)}`
const block = (person: Person) => management('PATCH', recordPath(person), { blocked: true })
const unblock = (person: Person) => management('PATCH', recordPath(person), { blocked: false })
const remove = (person: Person) => management('DELETE', recordPath(person))

type Person = {
  email: string
  account: Account
  legacy: LegacySession
  stytch: StytchSession
  sessionToken: string
}

async function legacySessionOf(email: string): Promise<LegacySession> {
  const { body } = await bed.auth0.control('POST', 'token', {
    email,
    claims: { jti: crypto.randomUUID() },
  })
  const headers = new Headers({ authorization: `Bearer ${body.access_token}` })
  const reading = await readLegacySession(readCredentials(headers), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

async function stytchSessionOf(jwt: string): Promise<StytchSession> {
  const headers = new Headers({ authorization: `Bearer ${jwt}` })
  const reading = await readStytchSession(readCredentials(headers), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

const carry = (session: LegacySession) =>
  carryOver(session, async () => session.accessToken, { now: new Date(), policyVersion: 1 })

/** A person whose session was carried over. */
async function carriedOver(): Promise<Person> {
  const email = newAddress()
  await management('POST', 'users', {
    connection: auth0Tenant.connection,
    email,
    password: goodPassword,
    email_verified: true,
  })
  const legacy = await legacySessionOf(email)
  const outcome = await carry(legacy)
  if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
  const stytch = await stytchSessionOf(outcome.tokens.sessionJwt)
  const account = await findAccount({ issuer: stytchIssuerName(), subject: stytch.subject })
  if (!account) throw new Error('no account')
  return { email, account, legacy, stytch, sessionToken: outcome.tokens.sessionToken }
}

/** What every page, action and API call asks about a session. */
const checkStytch = (session: StytchSession) =>
  findRevocation({ ...session, issuer: stytchIssuerName() })
const checkLegacy = ({ issuer, subject, startedAt }: LegacySession) =>
  findRevocation({ issuer: issuer.canonicalName, subject, startedAt, sessionId: null })

const isAlive = ({ sessionToken }: Person): Promise<boolean> =>
  bed.stytch.stytch.sessions.authenticate({ session_token: sessionToken }).then(
    () => true,
    () => false,
  )

const post = async (
  body: string,
  authorization: string | null = appEnvironment.AUTH0_WEBHOOK_SECRET as string,
) => {
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  const url = 'http://localhost/api/webhooks/auth0'
  const response = await auth0Webhook(new NextRequest(url, { method: 'POST', body, headers }))
  const { result, error } = (await response.json()) as { result?: string; error?: { code: string } }
  return [response.status, result ?? error?.code]
}
const event = (type: string, user_id: string, more: object = {}) =>
  JSON.stringify({ specversion: '1.0', type, id: 'evt_1', data: { object: { user_id, ...more } } })

/** Lets the app learn of it, and runs the jobs. */
async function hear(subject: string, type = 'user.updated') {
  expect(await post(event(type, subject))).toEqual([200, 'enqueued'])
  await drainRevocations()
}

describe.each([
  ['blocked', block, 'user_deleted', 'legacy_blocked'],
  ['deleted', remove, 'session_ended', 'legacy_deleted'],
] as const)('a user who was %s at Auth0', (_, act, code, reason) => {
  it('keeps neither their Stytch session nor their legacy session', async () => {
    const grace = await carriedOver()
    expect(await checkStytch(grace.stytch)).toBeNull()
    await act(grace)
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe(code)
    expect(await checkLegacy(grace.legacy)).toBe(code)
    expect(await isAlive(grace)).toBe(false)
    expect(await carry(grace.legacy)).toEqual({ result: 'ended', reason: code })
    expect(await eventsOf(bed, grace.account)).toContain(`deprovision sessions_ended ${reason}`)
  })

  it('is refused also while Stytch does not answer, and revoked there later', async () => {
    const grace = await carriedOver()
    await act(grace)
    await bed.stytch.control('PUT', 'faults', [{ path: '/v1/sessions*', status: 500 }])
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe(code)
    await bed.stytch.control('DELETE', 'faults')
    expect(await isAlive(grace)).toBe(true)
    await makeJobsDue(bed)
    await drainRevocations()
    expect(await isAlive(grace)).toBe(false)
  })

  it('is found by the poll without a message', async () => {
    const [grace, claude] = [await carriedOver(), await carriedOver()]
    const start = Date.now()
    expect(await pollLegacyUsers(new Date(start))).toBeNull()
    await act(grace)
    expect(await pollLegacyUsers(new Date(start + 299_000))).toBeNull()
    expect(await pollLegacyUsers(new Date(start + 301_000))).toBe(1)
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBe(code)
    expect(await checkStytch(claude.stytch)).toBeNull()
    expect(await pollLegacyUsers(new Date(start + 602_000))).toBe(0)
  })

  it('makes one event, though the message arrives three times', async () => {
    const grace = await carriedOver()
    const before = (await eventsOf(bed, grace.account)).length
    await act(grace)
    for (let n = 0; n < 3; n++) await hear(grace.legacy.subject)
    expect((await eventsOf(bed, grace.account)).slice(before)).toEqual([
      `deprovision sessions_ended ${reason}`,
    ])
  })
})

describe('a user who was blocked at Auth0', () => {
  it('gets in with no new sign-in at Stytch', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    const { body } = await bed.stytch.control('POST', 'session', {
      email: grace.email,
      minutes: 60,
    })
    expect(await checkStytch(await stytchSessionOf(body.session_jwt))).toBe('user_deleted')
  })

  it('can sign in again after they were unblocked, and their old sessions stay ended', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    await unblock(grace)
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe('session_ended')
    const { body } = await bed.stytch.control('POST', 'session', {
      email: grace.email,
      minutes: 60,
    })
    const later = await stytchSessionOf(body.session_jwt)
    const nextMinute = new Date(Date.now() + 60_000)
    expect(await checkStytch({ ...later, startedAt: nextMinute })).toBeNull()
    expect(await eventsOf(bed, grace.account)).toContain('deprovision unblocked legacy_unblocked')
  })

  it('is found unblocked by the poll', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    await pollLegacyUsers(new Date())
    await unblock(grace)
    expect(await pollLegacyUsers(new Date(Date.now() + 301_000))).toBe(1)
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBe('session_ended')
  })

  it('stays blocked when they are deleted after that', async () => {
    const grace = await carriedOver()
    await block(grace)
    await hear(grace.legacy.subject)
    await remove(grace)
    await hear(grace.legacy.subject, 'user.deleted')
    expect(await checkStytch(grace.stytch)).toBe('user_deleted')
  })

  it('by the mirror, because their Stytch user was deleted, may sign up at Stytch again', async () => {
    const grace = await carriedOver()
    await management('PATCH', recordPath(grace), {
      blocked: true,
      app_metadata: { blocked_by_mirror: true },
    })
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBe('session_ended')
    const nextMinute = new Date(Date.now() + 60_000)
    expect(
      await checkStytch({ ...grace.stytch, sessionId: 'new', startedAt: nextMinute }),
    ).toBeNull()
  })
})

describe('a message that says less than the record', () => {
  it('refuses to end the sessions of a user whom Auth0 has neither blocked nor deleted', async () => {
    const grace = await carriedOver()
    await hear(grace.legacy.subject, 'user.deleted')
    expect(await post(event('user.updated', grace.legacy.subject, { blocked: true }))).toEqual([
      200,
      'enqueued',
    ])
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBeNull()
    expect(await isAlive(grace)).toBe(true)
  })

  it('while Auth0 does not answer, is checked later', async () => {
    const grace = await carriedOver()
    await block(grace)
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', drop: true }])
    await hear(grace.legacy.subject)
    expect(await checkStytch(grace.stytch)).toBeNull()
    await bed.auth0.control('DELETE', 'faults')
    await makeJobsDue(bed)
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBe('user_deleted')
  })
})

describe('the webhook', () => {
  it.each(['logs', 'events'] as const)('understands what Auth0 sends as %s', async (format) => {
    const received: [string, string | undefined][] = []
    const receiver = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      received.push([body, request.headers.authorization])
      response.end()
    })
    try {
      const token = appEnvironment.AUTH0_WEBHOOK_SECRET
      await bed.auth0.control('PUT', 'log-stream', { url: receiver.url, token, format })
      const [grace, claude] = [await carriedOver(), await carriedOver()]
      await block(grace)
      await remove(claude)
      await expect.poll(() => received.length).toBe(2)
      for (const [body, authorization] of received) {
        expect(await post(body, authorization)).toEqual([200, 'enqueued'])
      }
      await drainRevocations()
      expect(await checkStytch(grace.stytch)).toBe('user_deleted')
      expect(await checkStytch(claude.stytch)).toBe('session_ended')
    } finally {
      await receiver.close()
    }
  })

  it('understands one JSON text a line', async () => {
    const grace = await carriedOver()
    const line = JSON.stringify({
      log_id: '1',
      data: { type: 'sdu', user_id: grace.legacy.subject },
    })
    expect(await post(`${line}\n${line}\n`)).toEqual([200, 'enqueued'])
  })

  it.each([
    [
      'of a login',
      [{ log_id: '1', data: { type: 's', user_id: 'auth0|6501a0000000000000000002' } }],
    ],
    [
      'about a user without an account',
      [{ log_id: '1', data: { type: 'sdu', user_id: 'auth0|nobody' } }],
    ],
    ['of an unknown form', [{ anything: true }]],
    [
      'of a path with a malformed encoding',
      [
        {
          data: {
            type: 'sapi',
            details: { request: { method: 'patch', path: '/api/v2/users/%E0%A4%A' } },
          },
        },
      ],
    ],
    ['without a log', []],
  ])('ignores a message %s', async (_, body) => {
    expect(await post(JSON.stringify(body))).toEqual([200, 'ignored'])
    expect(await drainRevocations()).toEqual({ done: 0, failed: 0 })
  })

  it.each([
    ['without a token', null],
    ['with another token', 'Bearer another-token'],
    ['with an empty token', ''],
    ['with the token of the cron route', appEnvironment.CRON_SECRET as string],
  ])('refuses a message %s', async (_, authorization) => {
    const grace = await carriedOver()
    await block(grace)
    expect(await post(event('user.updated', grace.legacy.subject), authorization)).toEqual([
      401,
      'secret_wrong',
    ])
    expect(await drainRevocations()).toEqual({ done: 0, failed: 0 })
  })

  it.each(['', 'null', '"text"', '{', '[1]', '{}\n{'])('refuses the body %j', async (body) => {
    expect(await post(body)).toEqual([400, 'message_malformed'])
  })

  it('refuses a body that is too long', async () => {
    expect(await post(' '.repeat(3 * 1_024 * 1_024))).toEqual([413, 'message_too_large'])
  })
})

it('a user whom Stytch has deleted keeps no session on either lane', async () => {
  const grace = await carriedOver()
  await bed.stytch.stytch.users.delete({ user_id: grace.stytch.subject })
  const body = JSON.stringify({
    project_id: stytchProject.projectId,
    action: 'DELETE',
    object_type: 'user',
    id: grace.stytch.subject,
  })
  const headers = signedHeaders(stytchProject.webhook.secret, 'msg_1', body)
  const url = 'http://localhost/api/webhooks/stytch'
  const { status } = await stytchWebhook(new NextRequest(url, { method: 'POST', body, headers }))
  expect(status).toBe(200)
  expect(await checkStytch(grace.stytch)).toBe('session_ended')
  expect(await checkLegacy(grace.legacy)).toBe('session_ended')
  expect(await eventsOf(bed, grace.account)).toContain('deprovision sessions_ended stytch_deleted')
  expect(await drainRevocations()).toEqual({ done: 1, failed: 0 })
})
