import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { auth0 } from '../../world/auth0.ts'
import { expect, test } from '../../world/test.ts'
import { email, expectRefused, legacyShape, stytchShape } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

test('refuses a legacy session that holds the token of another user', async () => {
  const cookies = await legacyCookies(email, {
    accessToken: await auth0.token('grace@example.com'),
  })
  await expectRefused({ cookies }, 'subject_mismatch')
})

test('refuses a legacy session that holds the expired token of another user', async () => {
  const accessToken = await auth0.token('grace@example.com', { expiresInSeconds: -60 })
  await expectRefused({ cookies: await legacyCookies(email, { accessToken }) }, 'subject_mismatch')
})

test('refuses a legacy session that holds a token of Stytch', async () => {
  const cookies = await legacyCookies(email, { accessToken: await stytchShape.forge() })
  await expectRefused({ cookies }, 'issuer_unknown')
})

test('refuses a legacy token in the cookie of Stytch', async () => {
  await expectRefused(
    { cookies: { stytch_session_jwt: await legacyShape.forge() } },
    'issuer_unknown',
  )
})

test('refuses a legacy session past its end', async () => {
  const createdAt = epochSeconds() - 3 * 24 * 60 * 60 - 1
  const api = await ask('/api/me', { cookies: await legacyCookies(email, { createdAt }) })
  expect(api.status).toBe(401)
  expect(api.sessionCookies).toEqual([])
})

test('refuses legacy cookies that were changed, cut short or mixed from two sessions', async () => {
  const [mine, other] = await Promise.all([
    legacyCookies(email),
    legacyCookies('grace@example.com'),
  ])
  const joined = Object.values(mine).join('')
  const middle = Math.floor(joined.length / 2)
  const broken = [
    joined.slice(0, middle) + (joined[middle] === 'A' ? 'B' : 'A') + joined.slice(middle + 1),
    joined.slice(0, -10),
    joined.slice(0, middle) + Object.values(other).join('').slice(middle),
    'garbage',
    '',
    '{"user":{"sub":"auth0|1"}}',
  ]
  for (const value of broken) {
    const cookies = { __session: value }
    expect((await ask('/api/me', { cookies })).status, value.slice(0, 20)).toBe(401)
    expect((await ask('/dashboard', { cookies })).status).toBe(307)
  }
})
