import { deleteAtAuth0, deleteAtStytch } from '../../steps/delete-user.ts'
import { newAddress } from '../../steps/people.ts'
import { ask } from '../../steps/request.ts'
import { auth0 } from '../../world/auth0.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An administrator has deleted a user at the provider, and the token has not expired. */

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
