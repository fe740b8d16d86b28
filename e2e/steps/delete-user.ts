import { auth0Tenant, stytchProject, urls } from '../../sandbox/settings.ts'
import { stytch } from '../world/stytch.ts'

/** Deletes a user at a provider, as an administrator does. */

export async function deleteAtStytch(email: string): Promise<void> {
  const { projectId, secret } = stytchProject
  const user = (await stytch.users()).find((each) => each.email === email)
  const response = await fetch(`${urls.stytch}/v1/users/${user?.id}`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${btoa(`${projectId}:${secret}`)}` },
  })
  if (!response.ok) throw new Error(`Stytch did not delete the user: ${response.status}`)
}

export async function deleteAtAuth0(subject: string): Promise<void> {
  const response = await fetch(`${urls.auth0}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth0Tenant.management.clientId,
      client_secret: auth0Tenant.management.clientSecret,
      audience: `${urls.auth0}/api/v2/`,
    }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  const deleted = await fetch(`${urls.auth0}/api/v2/users/${encodeURIComponent(subject)}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access_token}` },
  })
  if (!deleted.ok) throw new Error(`Auth0 did not delete the user: ${deleted.status}`)
}
