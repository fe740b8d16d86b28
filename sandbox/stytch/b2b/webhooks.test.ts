import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { stytchB2bProject, stytchB2bWebhook } from '../../settings.ts'
import { errorOf, serve, startForTests, type TestStandIn } from '../fixture.ts'
import { signedHeaders } from '../webhooks.ts'

type Event = { action: string; object_type: string; id: string }
const received: { headers: Record<string, unknown>; body: string }[] = []

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
beforeEach(() => {
  received.length = 0
})
afterAll(async () => {
  await standIn.close()
  await endpoint.close()
})

const events = async (count: number): Promise<Event[]> => {
  await expect.poll(() => received).toHaveLength(count)
  return received.map(({ body }) => JSON.parse(body))
}

it('the stand-in sends a signed webhook when a member is created, changed and deleted', async () => {
  const { members } = standIn.b2b.organizations
  const organization_id = 'acme'
  const { member_id } = await members.create({
    organization_id,
    email_address: 'zoe@acme.example',
    name: 'Zoe',
  })
  await events(1)
  await members.update({ organization_id, member_id, name: 'Zoe Doe' })
  await events(2)
  await members.delete({ organization_id, member_id })
  const seen = await events(3)
  expect(seen).toMatchObject([
    { action: 'CREATE', member: { member_id, name: 'Zoe' } },
    { action: 'UPDATE', member: { member_id, name: 'Zoe Doe' } },
    { action: 'DELETE' },
  ])
  for (const event of seen) {
    expect(event).toMatchObject({
      project_id: stytchB2bProject.projectId,
      object_type: 'member',
      source: 'DIRECT',
      id: member_id,
      vertical: 'B2B',
    })
  }
  expect(seen[2]).not.toHaveProperty('member')
  for (const { headers, body } of received) {
    const id = String(headers['svix-id'])
    const seconds = Number(headers['svix-timestamp'])
    const signed = signedHeaders(stytchB2bWebhook.secret, id, body, seconds)
    expect(headers['svix-signature']).toBe(signed['svix-signature'])
  }
})

it('the stand-in sends a webhook when an organization is created, changed and deleted', async () => {
  const { organizations } = standIn.b2b
  const { organization } = await organizations.create({ organization_name: 'Hooli' })
  await events(1)
  const { organization_id } = organization
  await organizations.update({ organization_id, organization_name: 'Hooli Inc' })
  await events(2)
  await organizations.delete({ organization_id })
  expect(await events(3)).toMatchObject([
    { action: 'CREATE', object_type: 'organization', organization: { organization_name: 'Hooli' } },
    { action: 'UPDATE', organization: { organization_name: 'Hooli Inc' } },
    { action: 'DELETE', id: organization_id, vertical: 'B2B' },
  ])
})

it('a refused call sends no webhook', async () => {
  const { members } = standIn.b2b.organizations
  const organization_id = 'acme'
  const email_address = 'edsger@acme.example'
  const refused = members.create({ organization_id, email_address })
  expect(await errorOf(refused)).toEqual([400, 'duplicate_member_email'])
  const { member_id } = await members.get({ organization_id, email_address })
  await members.update({ organization_id, member_id, name: 'E. W. Dijkstra' })
  expect(await events(1)).toMatchObject([{ action: 'UPDATE', id: member_id }])
})
