import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { goodPassword } from '../../steps/login.ts'
import { everybody, ourPage, policyPath, putJson } from '../../steps/policy-api.ts'
import { ask } from '../../steps/request.ts'
import { auth0 } from '../../world/auth0.ts'
import { stytch, stytchApi } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An attacker signs up with the address of an operator, and does not verify it. */

const operator = 'ada@example.com'

test('refuses the control room to an operator’s address that Auth0 has not verified', async () => {
  const sub = `auth0|${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
  const __session = await generateSessionCookie(
    {
      user: { sub, email: operator, email_verified: false, name: 'Not Ada' },
      tokenSet: {
        accessToken: await auth0.token('alan@example.com', { claims: { sub } }),
        expiresAt: epochSeconds() + 3_600,
      },
      internal: { sid: crypto.randomUUID(), createdAt: epochSeconds() },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
  const cookies = { __session }
  const seen = await ask('/api/me', { cookies })
  expect(seen.status).toBe(200)
  expect(seen.json().user.email).toBe(operator)
  expect((await ask('/control', { cookies })).status).toBe(403)
  expect((await ask(policyPath, { cookies })).status).toBe(403)
  expect((await putJson(everybody, { cookies }, ourPage)).status).toBe(403)
})

test.describe('at Stytch', () => {
  test.use({ policy: 'zero-downtime' })

  test('refuses the control room to an operator’s address that a sign-up did not verify', async () => {
    // This deletes the imported user, so that an attacker can sign up with the address.
    const imported = (await stytch.users()).find(({ email }) => email === operator)?.id as string
    await stytchApi('DELETE', `/v1/users/${imported}`)
    const created = await stytchApi<{
      session_jwt: string
      session_token: string
      user_id: string
    }>('POST', '/v1/passwords', {
      email: operator,
      password: goodPassword,
      session_duration_minutes: 60,
    })
    expect(created.user_id).not.toBe(imported)
    const cookies = {
      stytch_session: created.session_token,
      stytch_session_jwt: created.session_jwt,
    }
    const seen = await ask('/api/me', { cookies })
    expect(seen.status).toBe(200)
    expect(seen.json().user.email).toBe(operator)
    expect((await ask(policyPath, { cookies })).status).toBe(403)
    expect((await ask('/control', { cookies })).status).toBe(403)
  })
})
