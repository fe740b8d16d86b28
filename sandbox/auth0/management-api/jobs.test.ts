import { gunzipSync } from 'node:zlib'
import type { Management } from 'auth0'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant, demoUsers } from '../../settings.ts'
import { managementClient, startForTests } from '../fixture.ts'

const standIn = await startForTests()
let client: ReturnType<typeof managementClient>
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  client = managementClient(standIn)
})
afterAll(standIn.close)

const ada = demoUsers[0]?.subject

async function completed(request: Management.CreateExportUsersRequestContent) {
  const { id } = await client.jobs.usersExports.create(request)
  await client.jobs.get(id)
  const job = await client.jobs.get(id)
  return { ...job, location: job.location ?? '' }
}

async function download(location: string) {
  const response = await fetch(location)
  expect(response.headers.get('content-encoding')).toBeNull()
  const lines = gunzipSync(await response.bytes())
    .toString()
    .split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line))
}

describe('an export of all users', () => {
  it('is pending and then completed, with a link to the packed lines', async () => {
    const fields = [{ name: 'user_id' }, { name: 'email' }, { name: 'identities' }]
    const job = await client.jobs.usersExports.create({ format: 'json', fields })
    expect(job).toMatchObject({ type: 'users_export', status: 'pending', format: 'json' })
    expect(job.id).toMatch(/^job_\w{16}$/)
    const pending = await client.jobs.get(job.id)
    expect(pending).toMatchObject({ id: job.id, status: 'pending' })
    expect(pending.location).toBeUndefined()
    const done = await client.jobs.get(job.id)
    expect(done).toMatchObject({ status: 'completed', percentage_done: 100 })

    const users = await download(done.location ?? '')
    expect(users).toHaveLength(demoUsers.length)
    expect(users[0]).toEqual({
      user_id: ada,
      email: 'ada@example.com',
      identities: [
        {
          connection: auth0Tenant.connection,
          user_id: ada?.slice('auth0|'.length),
          provider: 'auth0',
          isSocial: false,
        },
      ],
    })
  })

  it('has the fields of the request, with their paths and names, and no hash', async () => {
    await client.users.update(ada ?? '', { user_metadata: { country: 'UK' } })
    const { location } = await completed({
      format: 'json',
      fields: [
        { name: 'user_metadata.country' },
        { name: 'identities[0].connection', export_as: 'connection' },
        { name: 'passwordHash' },
        { name: 'blocked' },
      ],
    })
    const [user] = await download(location)
    const connection = auth0Tenant.connection
    expect(user).toEqual({ 'user_metadata.country': 'UK', connection, blocked: false })
  })

  it('can be limited to a number and to a connection', async () => {
    const social = { user_id: 'google-oauth2|1', email: 'social@example.com', passwordHash: '' }
    await standIn.control('POST', 'users', { users: [social] })
    const fields = [{ name: 'user_id' }]
    const all = await completed({ fields })
    expect(await download(all.location)).toContainEqual({ user_id: 'google-oauth2|1' })
    const few = await completed({ fields, limit: 2, connection_id: auth0Tenant.connectionId })
    expect(few).toMatchObject({ limit: 2, connection_id: auth0Tenant.connectionId })
    expect(await download(few.location)).toHaveLength(2)
    const database = await completed({ fields, connection_id: auth0Tenant.connectionId })
    expect(await download(database.location)).toHaveLength(demoUsers.length)
  })

  it('has a link that works for 60 seconds, and for 24 hours the job has a new one', async () => {
    const { id, location } = await completed({ fields: [{ name: 'user_id' }] })
    await standIn.control('PUT', 'clock', { offsetSeconds: 60 })
    expect((await fetch(location)).status).toBe(403)
    const again = await client.jobs.get(id)
    expect(await download(again.location ?? '')).toHaveLength(demoUsers.length)
    await standIn.control('PUT', 'clock', { offsetSeconds: 24 * 3600 })
    await expect(managementClient(standIn).jobs.get(id)).rejects.toMatchObject({ statusCode: 404 })
  })

  it('refuses more than 30 fields, an unknown connection, an unknown job and a wrong link', async () => {
    const fields = Array.from({ length: 31 }, (_, index) => ({ name: `field${index}` }))
    const many = client.jobs.usersExports.create({ fields })
    await expect(many).rejects.toMatchObject({ statusCode: 400 })
    const unknown = client.jobs.usersExports.create({ connection_id: 'con_other' })
    await expect(unknown).rejects.toMatchObject({ statusCode: 404 })
    await expect(client.jobs.get('job_unknown')).rejects.toMatchObject({ statusCode: 404 })
    const { location } = await completed({ fields: [{ name: 'user_id' }] })
    expect((await fetch(location.replace(/.$/, '_'))).status).toBe(403)
  })
})

describe('the file with password hashes', () => {
  const lines = async () => {
    const response = await fetch(`${standIn.url}/_sandbox/password-hashes`)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    const text = (await response.text()).trimEnd()
    return text.split('\n').map((line) => JSON.parse(line))
  }

  it('has the form in which the support of Auth0 sends it', async () => {
    const [first] = await lines()
    expect(first).toEqual({
      _id: { $oid: ada?.slice('auth0|'.length) },
      email: 'ada@example.com',
      email_verified: true,
      passwordHash: expect.stringMatching(/^\$2b\$10\$/),
      password_set_date: { $date: expect.any(String) },
      tenant: 'cutover',
      connection: auth0Tenant.connection,
      _tmp_is_unique: true,
      identifiers: [{ type: 'email', value: 'ada@example.com', verified: true }],
    })
  })

  it('has an alt_id for an id that the app has chosen, and nobody without a password', async () => {
    const email = 'other@example.com'
    await standIn.control('POST', 'users', {
      users: [
        { user_id: 'auth0|euclid', email },
        { user_id: 'google-oauth2|1', email, passwordHash: '' },
      ],
    })
    const others = (await lines()).filter((line) => line.email === email)
    expect(others).toMatchObject([
      { alt_id: 'euclid', _id: { $oid: expect.stringMatching(/^[0-9a-f]{24}$/) } },
    ])
  })
})

describe('adding many users', () => {
  it('gives them the demo password, and the same ids in every run', async () => {
    const { body } = await standIn.control('POST', 'users', { count: 3 })
    expect(body).toEqual({ added: 3 })
    expect(await client.users.get('auth0|6501b0000000000000000003')).toMatchObject({
      email: 'user-3@load.example',
      email_verified: true,
    })
    const again = await standIn.control('POST', 'users', { count: 2, from: 3 })
    expect(again.status).toBe(409)
    expect((await standIn.control('POST', 'users', { count: 2, from: 4 })).status).toBe(200)
  })
})
