import { auth0Tenant, stytchProject } from '../../sandbox/settings.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask, expectNotCached } from '../steps/request.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { auth0 } from '../world/auth0.ts'
import { putPolicy } from '../world/policy.ts'
import { expect, test } from '../world/test.ts'

/** GET /api/me, and the response headers that tell the decision of the app. */

const exactly = (body: object, keys: string[]) => expect(Object.keys(body).sort()).toEqual(keys)

test('answers a session on the legacy lane', async () => {
  const cookies = await legacyCookies('ada@example.com')
  const policyVersion = await putPolicy('before-the-migration')
  const answer = await ask('/api/me', { cookies })
  expect(answer.status).toBe(200)
  expectNotCached(answer)
  const body = answer.json()
  exactly(body, ['flow', 'policyVersion', 'session', 'user'])
  expect(body).toEqual({
    user: {
      id: expect.stringMatching(/^acct_[0-9a-f-]{36}$/),
      email: 'ada@example.com',
      name: 'Ada Lovelace',
    },
    session: {
      lane: 'legacy',
      issuer: auth0Tenant.issuer,
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
    flow: { name: 'legacy', reason: 'nobody' },
    policyVersion,
  })
  expect(Date.parse(body.session.expiresAt)).toBeGreaterThan(Date.now())
  expect(answer.headers.get('x-auth-lane')).toBe('legacy')
  expect(answer.headers.get('x-auth-reason')).toBe('legacy_session')
})

test('answers a mobile client with an access token of Auth0', async () => {
  const answer = await ask('/api/me', { bearer: await auth0.token('grace@example.com') })
  expect(answer.status).toBe(200)
  expect(answer.json()).toMatchObject({
    user: { email: 'grace@example.com' },
    session: { lane: 'legacy' },
  })
})

test('refuses an expired token, and says why', async () => {
  const bearer = await auth0.token('ada@example.com', { expiresInSeconds: -60 })
  const answer = await ask('/api/me', { bearer })
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer realm="cutover", error="invalid_token", error_description="token_expired"',
  )
  const body = answer.json()
  exactly(body, ['error', 'flow', 'policyVersion'])
  expect(body.error.code).toBe('token_expired')
  expect(answer.headers.get('x-auth-reason')).toBe('token_expired')
})

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('answers a session on the Stytch lane, by cookie and by Bearer', async () => {
    const policyVersion = await putPolicy('zero-downtime')
    const cookies = await stytchCookies('ada@example.com')
    const byCookie = await ask('/api/me', { cookies })
    const byBearer = await ask('/api/me', { bearer: cookies.stytch_session_jwt })
    expect([byCookie.status, byBearer.status]).toEqual([200, 200])
    const body = byCookie.json()
    expect(body).toMatchObject({
      user: { email: 'ada@example.com' },
      session: { lane: 'stytch', issuer: `stytch.com/${stytchProject.projectId}` },
      flow: { name: 'stytch', reason: 'everybody' },
      policyVersion,
    })
    expect(byBearer.json()).toEqual(body)
    expect(byCookie.headers.get('x-auth-lane')).toBe('stytch')
    expect(byCookie.headers.get('x-auth-reason')).toBe('stytch_session')
  })

  test('refuses a request without a session', async () => {
    const policyVersion = await putPolicy('zero-downtime')
    const answer = await ask('/api/me')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
    expect(answer.headers.get('content-type')).toContain('application/json')
    expectNotCached(answer)
    expect(answer.json()).toEqual({
      error: { code: 'no_session', message: 'Sign in first.' },
      flow: { name: 'stytch', reason: 'everybody' },
      policyVersion,
    })
    expect(answer.headers.get('x-auth-lane')).toBe('anonymous')
    expect(answer.headers.get('x-auth-reason')).toBe('no_session')
  })
})

test.describe('with sign-in all at once', () => {
  test.use({ policy: 'all-at-once' })

  test('tells a legacy session that sign-in has changed', async () => {
    const answer = await ask('/api/me', { cookies: await legacyCookies('ada@example.com') })
    expect(answer.status).toBe(401)
    expect(answer.json().error.code).toBe('legacy_session_not_accepted')
  })
})

test('pages tell the lane and the reason in x-auth-lane and x-auth-reason', async () => {
  const cookies = await legacyCookies('ada@example.com')
  const decided = async (path: string, asked = {}) => {
    const { headers } = await ask(path, asked)
    return ['x-auth-lane', 'x-auth-reason', 'location'].map((name) => headers.get(name))
  }
  expect(await decided('/dashboard')).toEqual([
    'anonymous',
    'no_session',
    expect.stringMatching(/\/login\?returnTo=%2Fdashboard$/),
  ])
  expect((await decided('/'))[0]).toBe('anonymous')
  expect(await decided('/dashboard', { cookies })).toEqual(['legacy', 'legacy_session', null])
  await putPolicy('zero-downtime')
  expect(await decided('/dashboard', { cookies })).toEqual([
    'legacy',
    'legacy_session_carried_over',
    null,
  ])
  await putPolicy('all-at-once')
  expect(await decided('/dashboard', { cookies })).toEqual([
    'anonymous',
    'legacy_session_not_accepted',
    expect.stringContaining('reason=legacy_session_not_accepted'),
  ])
})
