import { afterAll, beforeAll, expect, it } from 'vitest'
import { stytchProject } from '../settings.ts'
import { serve, startForTests, type TestStandIn } from './fixture.ts'
import { signedHeaders } from './webhooks.ts'

type Received = { headers: Record<string, string | string[] | undefined>; body: string }
const received: Received[] = []
const { secret } = stytchProject.webhook

let endpoint: Awaited<ReturnType<typeof serve>>
let standIn: TestStandIn
beforeAll(async () => {
  endpoint = await serve(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    received.push({ headers: req.headers, body })
    res.end()
  })
  standIn = await startForTests({ webhookUrl: endpoint.url })
})
afterAll(async () => {
  await standIn.close()
  await endpoint.close()
})

it('the stand-in sends a signed webhook when a user is created, changed and deleted', async () => {
  const { users } = standIn.stytch
  const { user_id } = await users.create({ email: 'webhook@example.com' })
  await expect.poll(() => received).toHaveLength(1)
  await users.update({ user_id, name: { first_name: 'Mary' } })
  await expect.poll(() => received).toHaveLength(2)
  await users.delete({ user_id })
  await expect.poll(() => received).toHaveLength(3)

  const events = received.map(({ body }) => JSON.parse(body))
  expect(events).toMatchObject([
    { action: 'CREATE', user: { user_id, name: { first_name: '' } } },
    { action: 'UPDATE', user: { user_id, name: { first_name: 'Mary' } } },
    { action: 'DELETE' },
  ])
  for (const event of events) {
    expect(event).toMatchObject({
      project_id: stytchProject.projectId,
      object_type: 'user',
      source: 'DIRECT',
      id: user_id,
      vertical: 'CONSUMER',
    })
  }
  expect(events[2]).not.toHaveProperty('user')
  for (const { headers, body } of received) {
    const id = String(headers['svix-id'])
    const seconds = Number(headers['svix-timestamp'])
    expect(headers['svix-signature']).toBe(
      signedHeaders(secret, id, body, seconds)['svix-signature'],
    )
  }
})

it('the signature is that of the example in the documentation of Svix', () => {
  const headers = signedHeaders(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    1614265330,
  )
  expect(headers['svix-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})
