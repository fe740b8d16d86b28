import { readFileSync } from 'node:fs'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { auth0Tenant, organizations as seeds } from '../../settings.ts'
import { managementClient, startForTests } from '../fixture.ts'
import { connectionRoutes } from './connection-routes.ts'

const standIn = await startForTests()
let { connections, organizations } = managementClient(standIn)
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  const client = managementClient(standIn)
  connections = client.connections
  organizations = client.organizations
})
afterAll(standIn.close)

const saml = {
  name: 'acme-saml',
  strategy: 'samlp',
  options: { signInEndpoint: 'https://idp.example/sso' },
} as const
const acme = seeds.acme.auth0Id

it('keeps connections, lists them by checkpoints, and returns their options', async () => {
  const { id = '' } = await connections.create(saml)
  expect(await connections.get(id)).toMatchObject({ id, ...saml })
  const first = await connections.list({ take: 1 })
  expect(first.data).toMatchObject([{ id: auth0Tenant.connectionId, strategy: 'auth0' }])
  expect((await first.getNextPage()).data).toMatchObject([{ id, name: saml.name }])
  expect((await connections.list({ strategy: ['samlp'] })).data).toHaveLength(1)
  await expect(connections.create(saml)).rejects.toMatchObject({ statusCode: 409 })
  await connections.delete(id)
  await expect(connections.get(id)).rejects.toMatchObject({ statusCode: 404 })
})

it('enables a connection for an organization', async () => {
  const { id = '' } = await connections.create(saml)
  const { enabledConnections } = organizations
  await enabledConnections.add(acme, { connection_id: id, assign_membership_on_login: true })
  expect((await enabledConnections.list(acme)).data).toMatchObject([
    { connection: { strategy: 'auth0' } },
    {
      connection_id: id,
      assign_membership_on_login: true,
      connection: { name: saml.name, strategy: 'samlp' },
    },
  ])
  await expect(enabledConnections.add(acme, { connection_id: id })).rejects.toMatchObject({
    statusCode: 409,
  })
  await expect(enabledConnections.add(acme, { connection_id: 'con_no' })).rejects.toMatchObject({
    statusCode: 400,
  })
})

it('says whether a connection has SCIM', async () => {
  const { id = '' } = await connections.create(saml)
  await expect(connections.scimConfiguration.get(id)).rejects.toMatchObject({ statusCode: 404 })
  await connections.scimConfiguration.create(id)
  expect(await connections.scimConfiguration.get(id)).toMatchObject({ connection_id: id })
})

it('has the password policy that logins follow', async () => {
  const { connectionId } = auth0Tenant
  expect((await connections.get(connectionId)).options).toMatchObject({ passwordPolicy: 'low' })
  await connections.update(connectionId, { options: { passwordPolicy: 'good' } })
  expect((await standIn.control('GET', 'tenant')).body).toMatchObject({ passwordPolicy: 'good' })
  const excellent = connections.update(connectionId, { options: { passwordPolicy: 'excellent' } })
  await expect(excellent).rejects.toMatchObject({ statusCode: 501 })
})

it('README.md lists every route of connections with its scope, and no other', () => {
  const readme = readFileSync(`${import.meta.dirname}/../../README.md`, 'utf8')
  const section = readme.split('<!-- auth0-connections:start -->')[1]?.split('<!--')[0] ?? ''
  const rows = connectionRoutes.map(({ route, scope }) => {
    const [method, path] = route.split(' ')
    return `| ${method} | \`/api/v2/${path}\` | \`${scope}\` |`
  })
  const head = ['| method | path | scope |', '| --- | --- | --- |']
  expect(section.trim().split('\n')).toEqual([...head, ...rows])
})
