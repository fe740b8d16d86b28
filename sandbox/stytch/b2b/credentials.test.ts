import { afterAll, expect, it } from 'vitest'
import { stytchB2bProject, stytchProject } from '../../settings.ts'
import { b2bClient, client, errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
afterAll(standIn.close)

it('serves the B2B routes with the credentials of the B2B project', async () => {
  const { organization } = await standIn.b2b.organizations.get({ organization_id: 'acme' })
  expect(organization.organization_name).toBe('Acme')
})

it('refuses the credentials of the consumer project on a B2B route', async () => {
  const { projectId, secret } = stytchProject
  const stranger = b2bClient(standIn.url, { ...stytchB2bProject, projectId, secret })
  const call = stranger.organizations.get({ organization_id: 'acme' })
  expect(await errorOf(call)).toEqual([401, 'unauthorized_credentials'])
})

it('refuses the credentials of the B2B project on a consumer route', async () => {
  const authorization = `Basic ${btoa(`${stytchB2bProject.projectId}:${stytchB2bProject.secret}`)}`
  const response = await fetch(`${standIn.url}/v1/sessions?user_id=x`, {
    headers: { authorization },
  })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ error_type: 'unauthorized_credentials' })
})

it('refuses the secret of one project with the id of the other', async () => {
  const mixed = b2bClient(standIn.url, { ...stytchB2bProject, secret: stytchProject.secret })
  const call = mixed.organizations.get({ organization_id: 'acme' })
  expect(await errorOf(call)).toEqual([401, 'unauthorized_credentials'])
  const other = client(standIn.url, stytchB2bProject.secret)
  expect(await errorOf(other.users.search({}))).toEqual([401, 'unauthorized_credentials'])
})

it('serves the key set of each project under its own address', async () => {
  const { keys } = await standIn.b2b.sessions.getJWKS({ project_id: stytchB2bProject.projectId })
  const consumer = await standIn.stytch.sessions.getJWKS({ project_id: stytchProject.projectId })
  expect(keys).toHaveLength(1)
  expect(keys[0]?.kid).not.toBe(consumer.keys[0]?.kid)
  const swapped = standIn.b2b.sessions.getJWKS({ project_id: stytchProject.projectId })
  expect(await errorOf(swapped)).toEqual([404, 'route_not_found'])
})
