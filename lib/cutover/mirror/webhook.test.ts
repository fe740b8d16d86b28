import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stytchProject } from '../../../sandbox/settings.ts'
import { signedHeaders } from '../../../sandbox/stytch/webhooks.ts'
import { cutoverConfig } from '../config'
import { drain } from './drain'
import { queue } from './queue'
import { mirrorStatus } from './status'
import { legacyUsers, openWorld, signUp, type World } from './testing.ts'
import { receiveWebhook } from './webhook'

const { secret } = stytchProject.webhook
let world: World
let person: Awaited<ReturnType<typeof signUp>>
beforeAll(async () => {
  world = await openWorld()
  person = await signUp(world)
})
beforeEach(async () => {
  await (await queue()).deleteAllJobs()
})
afterAll(() => world.close())

const bodyOf = (over: object = {}) =>
  JSON.stringify({
    project_id: stytchProject.projectId,
    event_id: 'webhook-event-test-1',
    action: 'UPDATE',
    object_type: 'user',
    source: 'DASHBOARD',
    id: person.userId,
    timestamp: '2026-11-21T06:47:49.555247073Z',
    vertical: 'CONSUMER',
    ...over,
  })
const seconds = (offset = 0) => Math.floor(Date.now() / 1_000) + offset
const newId = () => `msg_${crypto.randomUUID()}`
const receive = (headers: Record<string, string>, body: string) =>
  receiveWebhook(new Headers(headers), body, new Date())
const enqueued = { taken: true, result: 'enqueued' }
const refused = (code: string) => ({ taken: false, code })

describe('a message', () => {
  it('that Svix signed is taken, and is one job, however often it comes', async () => {
    const body = bodyOf()
    const id = newId()
    expect(await receive(signedHeaders(secret, id, body), body)).toEqual(enqueued)
    // Again, as Svix does when our answer got lost: the same id, signed anew.
    expect(await receive(signedHeaders(secret, id, body, seconds(3)), body)).toEqual(enqueued)
    expect(await mirrorStatus()).toMatchObject({ pending: 1 })
    await drain()
    expect(await receive(signedHeaders(secret, id, body), body)).toEqual(enqueued)
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })

  it('is taken while the secret is being replaced: one of its signatures fits', async () => {
    const body = bodyOf()
    const headers = signedHeaders(secret, newId(), body)
    const both = `v1,${Buffer.alloc(32).toString('base64')} ${headers['svix-signature']}`
    expect(await receive({ ...headers, 'svix-signature': both }, body)).toEqual(enqueued)
  })

  it('leads to what Stytch says, not to what it says itself', async () => {
    const name = { first_name: 'Annie', last_name: 'Easley' }
    await world.stytch.stytch.users.update({ user_id: person.userId, name })
    const body = bodyOf({
      user: { name: { first_name: 'Somebody', last_name: 'Else' }, emails: [] },
    })
    await receive(signedHeaders(secret, newId(), body), body)
    await drain()
    expect(await legacyUsers(world, person.email)).toMatchObject([{ name: 'Annie Easley' }])
  })

  it.each([
    ['CREATE, which any address typed into the login causes', { action: 'CREATE' }],
    ['of a user whom nobody has seen here', { id: 'user-test-never-seen' }],
    ['about something else than a user', { object_type: 'member' }],
  ])('%s is ignored', async (_, over) => {
    const body = bodyOf(over)
    const answer = await receive(signedHeaders(secret, newId(), body), body)
    expect(answer).toEqual({ taken: true, result: 'ignored' })
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })
})

describe('refuses', () => {
  const stranger = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const other = newId()

  it.each<[string, string, (body: string) => Record<string, string>]>([
    [
      'a message signed by somebody else',
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
      'a message dated anew',
      'signature_invalid',
      (b) => ({
        ...signedHeaders(secret, other, b, seconds(-9_999)),
        'svix-timestamp': String(seconds()),
      }),
    ],
    [
      'another version of signature',
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
      'an old message, replayed',
      'message_too_old',
      (b) => signedHeaders(secret, other, b, seconds(-301)),
    ],
    [
      'a message of the future',
      'message_too_old',
      (b) => signedHeaders(secret, other, b, seconds(302)),
    ],
    [
      'a message without a signature',
      'signature_missing',
      () => ({ 'svix-id': other, 'svix-timestamp': String(seconds()) }),
    ],
    ['a message without anything', 'signature_missing', () => ({})],
  ])('%s', async (_, code, headers) => {
    const body = bodyOf()
    expect(await receive(headers(body), body)).toEqual(refused(code))
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
  })

  it.each([
    ['what is no JSON', 'message_malformed', '{'],
    ['what is no event', 'message_malformed', '{"id":1}'],
  ])('%s', async (_, code, body) => {
    expect(await receive(signedHeaders(secret, newId(), body), body)).toEqual(refused(code))
  })

  it('an event of another project', async () => {
    const body = bodyOf({ project_id: 'project-live-of-somebody-else' })
    expect(await receive(signedHeaders(secret, newId(), body), body)).toEqual(
      refused('project_unknown'),
    )
  })

  it('everything while no secret is set, even what is signed with an empty one', async () => {
    const body = bodyOf()
    const settings = cutoverConfig()
    settings.webhookSecret = ''
    try {
      expect(await receive(signedHeaders('whsec_', newId(), body), body)).toEqual(
        refused('webhook_closed'),
      )
    } finally {
      settings.webhookSecret = secret
    }
  })
})
