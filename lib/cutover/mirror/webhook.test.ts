import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stytchProject } from '../../../sandbox/settings.ts'
import { signedHeaders } from '../../../sandbox/stytch/webhooks.ts'
import { cutoverConfig } from '../config'
import { drain } from './drain'
import { queue } from './queue'
import { mirrorStatus } from './status'
import {
  closeTestBed,
  legacyUsers,
  openTestBed,
  type SignedUp,
  signUp,
  type TestBed,
} from './testing.ts'
import { receiveWebhook } from './webhook'

const { secret } = stytchProject.webhook
let bed: TestBed
let user: SignedUp
beforeAll(async () => {
  bed = await openTestBed()
  user = await signUp(bed)
})
beforeEach(async () => {
  await (await queue()).deleteAllJobs()
})
afterAll(() => closeTestBed(bed))

const bodyOf = (over: object = {}) =>
  JSON.stringify({
    project_id: stytchProject.projectId,
    event_id: 'webhook-event-test-1',
    action: 'UPDATE',
    object_type: 'user',
    source: 'DASHBOARD',
    id: user.userId,
    timestamp: '2026-11-21T06:47:49.555247073Z',
    vertical: 'CONSUMER',
    ...over,
  })
const seconds = (offset = 0) => Math.floor(Date.now() / 1_000) + offset
const newId = () => `msg_${crypto.randomUUID()}`
const receive = (headers: Record<string, string>, body: string) =>
  receiveWebhook(new Headers(headers), body, new Date())
const enqueued = { accepted: true, result: 'enqueued' }
const refused = (code: string) => ({ accepted: false, code })

describe('a webhook message', () => {
  it('with a valid signature enqueues one job, though it is delivered twice', async () => {
    const body = bodyOf()
    const id = newId()
    expect(await receive(signedHeaders(secret, id, body), body)).toEqual(enqueued)
    // Without an answer Svix delivers the message again, with the same id and a new signature.
    expect(await receive(signedHeaders(secret, id, body, seconds(3)), body)).toEqual(enqueued)
    expect(await mirrorStatus()).toMatchObject({ pending: 1 })
    await drain()
    expect(await receive(signedHeaders(secret, id, body), body)).toEqual(enqueued)
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })

  it('with two signatures is accepted when one matches, as during a rotation of the secret', async () => {
    const body = bodyOf()
    const headers = signedHeaders(secret, newId(), body)
    const both = `v1,${Buffer.alloc(32).toString('base64')} ${headers['svix-signature']}`
    expect(await receive({ ...headers, 'svix-signature': both }, body)).toEqual(enqueued)
  })

  it('makes the job read the user from Stytch, and not from the message', async () => {
    const name = { first_name: 'Annie', last_name: 'Easley' }
    await bed.stytch.stytch.users.update({ user_id: user.userId, name })
    const body = bodyOf({
      user: { name: { first_name: 'Somebody', last_name: 'Else' }, emails: [] },
    })
    await receive(signedHeaders(secret, newId(), body), body)
    await drain()
    expect(await legacyUsers(bed, user.email)).toMatchObject([{ name: 'Annie Easley' }])
  })

  it.each([
    ['about a CREATE, which anybody can cause at the login', { action: 'CREATE' }],
    ['about a user without an account', { id: 'user-test-never-seen' }],
    ['about another type of object', { object_type: 'member' }],
  ])('%s is ignored', async (_, over) => {
    const body = bodyOf(over)
    const answer = await receive(signedHeaders(secret, newId(), body), body)
    expect(answer).toEqual({ accepted: true, result: 'ignored' })
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })
})

describe('refuses', () => {
  const stranger = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const other = newId()

  it.each<[string, string, (body: string) => Record<string, string>]>([
    [
      'a message signed with another secret',
      'signature_invalid',
      (b) => signedHeaders(stranger, other, b),
    ],
    [
      'a signature of another body',
      'signature_invalid',
      () => signedHeaders(secret, other, bodyOf({ action: 'DELETE' })),
    ],
    [
      'a signature of another message',
      'signature_invalid',
      (b) => ({ ...signedHeaders(secret, other, b), 'svix-id': newId() }),
    ],
    [
      'an old message with a new date',
      'signature_invalid',
      (b) => ({
        ...signedHeaders(secret, other, b, seconds(-9_999)),
        'svix-timestamp': String(seconds()),
      }),
    ],
    [
      'a signature of another version',
      'signature_invalid',
      (b) => ({
        ...signedHeaders(secret, other, b),
        'svix-signature': (signedHeaders(secret, other, b)['svix-signature'] ?? '').replace(
          'v1,',
          'v0,',
        ),
      }),
    ],
    [
      'an empty signature',
      'signature_invalid',
      (b) => ({ ...signedHeaders(secret, other, b), 'svix-signature': 'v1,' }),
    ],
    [
      'a replay of an old message',
      'message_too_old',
      (b) => signedHeaders(secret, other, b, seconds(-301)),
    ],
    [
      'a message from the future',
      'message_too_old',
      (b) => signedHeaders(secret, other, b, seconds(302)),
    ],
    [
      'a message without a signature',
      'signature_missing',
      () => ({ 'svix-id': other, 'svix-timestamp': String(seconds()) }),
    ],
    ['a message without any header', 'signature_missing', () => ({})],
  ])('%s', async (_, code, headers) => {
    const body = bodyOf()
    expect(await receive(headers(body), body)).toEqual(refused(code))
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })

  it.each([
    ['a body that is not JSON', 'message_malformed', '{'],
    ['a body that is not an event', 'message_malformed', '{"id":1}'],
  ])('%s', async (_, code, body) => {
    expect(await receive(signedHeaders(secret, newId(), body), body)).toEqual(refused(code))
  })

  it('an event of another project', async () => {
    const body = bodyOf({ project_id: 'project-live-of-somebody-else' })
    expect(await receive(signedHeaders(secret, newId(), body), body)).toEqual(
      refused('project_unknown'),
    )
  })

  it('every message while no secret is set, also one signed with an empty secret', async () => {
    const body = bodyOf()
    const settings = cutoverConfig()
    const { teamWebhookSecret } = settings
    const emptySigned = () => receive(signedHeaders('whsec_', newId(), body), body)
    settings.webhookSecret = ''
    try {
      expect(await emptySigned()).toEqual(refused('signature_invalid'))
      settings.teamWebhookSecret = ''
      expect(await emptySigned()).toEqual(refused('webhook_closed'))
    } finally {
      settings.teamWebhookSecret = teamWebhookSecret
      settings.webhookSecret = secret
    }
  })
})
