import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { serve } from '../../../sandbox/stytch/fixture.ts'
import { drainRevocations } from './drain'
import { block, carriedOver, checkStytch, event, post, remove, setUpPeople } from './testing.ts'

const bed = setUpPeople()

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
      const [grace, claude] = [await carriedOver(), await carriedOver()]
      await bed.auth0.control('PUT', 'log-stream', { url: receiver.url, token, format })
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
