import { auth0Tenant, demoPassword, stytchProject, urls } from '../sandbox/settings.ts'
import { auth0, count, putPolicy, stytch } from './stand-ins.ts'
import { ask, expect, test } from './test.ts'

/** What a user meets who was deleted at the provider, and whose token has not expired. */

const newAddress = () => `person-${crypto.randomUUID()}@example.com`

async function deleteAtStytch(email: string): Promise<void> {
  const { projectId, secret } = stytchProject
  const user = (await stytch.users()).find((each) => each.email === email)
  const response = await fetch(`${urls.stytch}/v1/users/${user?.id}`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${btoa(`${projectId}:${secret}`)}` },
  })
  expect(response.status).toBe(200)
}

async function deleteAtAuth0(subject: string): Promise<void> {
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
  expect(deleted.status).toBe(204)
}

const refused = {
  status: 401,
  challenge: 'Bearer realm="cutover", error="invalid_token", error_description="user_deleted"',
}
const answerOf = async (bearer: string) => {
  const answer = await ask('/api/me', { bearer })
  expect(answer.json().error.code).toBe('user_deleted')
  return { status: answer.status, challenge: answer.headers.get('www-authenticate') }
}

test('the API refuses a deleted Stytch user, and asks Stytch once', async () => {
  const email = newAddress()
  const { session_jwt } = await stytch.session(email)
  await deleteAtStytch(email)
  await stytch.forgetRequests()
  for (let request = 0; request < 3; request++) expect(await answerOf(session_jwt)).toEqual(refused)
  expect(await count(stytch, 'GET', /^\/v1\/users\//)).toBe(1)
})

test('the API refuses a deleted legacy user, and stays within the rate limit of userinfo', async () => {
  const email = await auth0.addUser(newAddress())
  const bearer = await auth0.token(email)
  const { sub } = JSON.parse(atob(bearer.split('.')[1] as string)) as { sub: string }
  await deleteAtAuth0(sub)
  for (let request = 0; request < 7; request++) expect(await answerOf(bearer)).toEqual(refused)
  expect(await count(auth0, 'GET', '/userinfo')).toBe(1)
})

test('a page leads a deleted Stytch user to the login, which says why and signs in again', async ({
  page,
  context,
}) => {
  await putPolicy('all-at-once')
  const email = newAddress()
  const { session_token, session_jwt } = await stytch.session(email)
  await deleteAtStytch(email)
  await context.addCookies(
    Object.entries({ stytch_session: session_token, stytch_session_jwt: session_jwt }).map(
      ([name, value]) => ({ name, value, url: urls.app, httpOnly: true, sameSite: 'Lax' as const }),
    ),
  )
  await page.goto('/dashboard?from=a%20link')
  await expect(page).toHaveURL(/\/login\?.*reason=user_deleted/)
  const main = page.getByRole('main')
  await expect(main).toContainText('your account was deleted or blocked at the login provider')
  await expect(main).not.toContainText('You are signed in')
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible()

  // A visit without the reason shows a form too, and no page that says "already signed in".
  await page.goto('/login?with=password&returnTo=%2Fdashboard')
  await page.getByLabel('Email address').fill('ada@example.com')
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(`${urls.app}/dashboard`)
  await expect(main).toContainText('Ada')
})
