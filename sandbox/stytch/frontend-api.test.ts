import type { StytchClientOptions } from '@stytch/nextjs'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { demoPassword, stytchProject } from '../settings.ts'
import { installBrowser } from './browser-globals.ts'
import { startForTests } from './fixture.ts'

const standIn = await startForTests()
const browser = installBrowser('http://localhost:3000')
// Imported after the browser globals are installed: the SDK looks for localStorage when it is loaded.
const { StytchClient } = await import('@stytch/nextjs/headless')

const options: StytchClientOptions & { endpoints: Record<string, string> } = {
  endpoints: {
    testAPIURL: standIn.url,
    liveAPIURL: standIn.url,
    dfpBackendURL: standIn.url,
    clientsideServicesIframeURL: `${standIn.url}/clientside-services/index.html`,
  },
}
// The SDK warns about a second client on a page. Each test stands for a page of its own.
vi.spyOn(console, 'warn').mockReturnValue()
const newClient = () => new StytchClient(stytchProject.publicToken, options)

const ada = 'ada@example.com'
const grace = 'grace@example.com'
const strong = 'violet tractor umbrella 42'
const stronger = 'seven quiet lanterns over Oslo'
const sixty = { session_duration_minutes: 60 }
const lastCode = async () => (await standIn.lastMessage()).code ?? ''
const typeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'the call succeeded',
    (error) => error.error_type,
  )
const paths = async () =>
  (await standIn.control('GET', 'requests')).body.map(
    ({ method, path }: { method: string; path: string }) => `${method} ${path}`,
  )

beforeEach(async () => {
  browser.forget()
  await standIn.control('POST', 'reset')
})
afterAll(async () => {
  await standIn.close()
  vi.unstubAllGlobals()
})

describe('the real browser SDK', () => {
  it('loads its settings, and sends telemetry', async () => {
    newClient()
    const settings = `GET /sdk/v1/projects/bootstrap/${stytchProject.publicToken}`
    await expect.poll(paths).toEqual(expect.arrayContaining([settings, 'POST /sdk/v1/events']))
  })

  it('signs in by magic link with PKCE, keeps the session and signs out', async () => {
    const client = newClient()
    const login_magic_link_url = 'http://localhost:3000/authenticate'
    await client.magicLinks.email.loginOrCreate(ada, { login_magic_link_url })
    const token = await standIn.lastToken()
    const direct = standIn.stytch.magicLinks.authenticate({ token, ...sixty })
    expect(await typeOf(direct)).toBe('pkce_expected_code_verifier')

    const signedIn = await client.magicLinks.authenticate(token, sixty)
    expect(signedIn.session.attributes?.ip_address).toMatch(/127\.0\.0\.1|::1/)
    expect(browser.cookies()).toMatchObject({
      stytch_session: signedIn.session_token,
      stytch_session_jwt: signedIn.session_jwt,
    })
    const refreshed = await client.session.authenticate(sixty)
    expect(refreshed.session.session_id).toBe(signedIn.session.session_id)
    expect(client.user.getSync()?.emails[0]?.email).toBe(ada)

    await client.session.revoke()
    expect(browser.cookies()).toEqual({})
  })

  it('uses a session that the server has put into a cookie', async () => {
    const { body } = await standIn.control('POST', 'session', { email: ada })
    browser.setCookie('stytch_session', body.session_token)
    const client = newClient()
    await expect.poll(() => client.session.getInfo().fromCache).toBe(false)
    expect(client.user.getSync()?.emails[0]?.email).toBe(ada)
    expect(browser.cookies()).toHaveProperty('stytch_session_jwt')
  })

  it('removes the cookies of a revoked session', async () => {
    const { body } = await standIn.control('POST', 'session', { email: ada })
    await standIn.stytch.sessions.revoke({ session_token: body.session_token })
    browser.setCookie('stytch_session', body.session_token)
    const client = newClient()
    await expect.poll(() => browser.cookies()).toEqual({})
    expect(client.session.getSync()).toBeNull()
  })

  it('sends a link only to a known user', async () => {
    const client = newClient()
    await client.magicLinks.email.send(ada)
    expect(await standIn.lastMessage()).toMatchObject({ to: ada, kind: 'login_link' })
    expect(await typeOf(client.magicLinks.email.send(grace))).toBe('email_not_found')
  })

  it('signs in by code', async () => {
    const client = newClient()
    const { method_id } = await client.otps.email.loginOrCreate(grace)
    const code = await lastCode()
    const wrong = code === '111111' ? '222222' : '111111'
    const call = client.otps.authenticate(wrong, method_id, sixty)
    expect(await typeOf(call)).toBe('otp_code_not_found')
    const { user } = await client.otps.authenticate(code, method_id, sixty)
    expect(user.emails).toMatchObject([{ email: grace, verified: true }])
  })

  it('sends a code to a known user', async () => {
    const client = newClient()
    const { method_id } = await client.otps.email.send(ada)
    await client.otps.authenticate(await lastCode(), method_id, sixty)
  })

  it('reads and changes the user', async () => {
    const client = newClient()
    await client.passwords.authenticate({ email: ada, password: demoPassword, ...sixty })
    await client.user.update({ name: { last_name: 'King' }, untrusted_metadata: { theme: 'dark' } })
    const user = await client.user.get()
    expect(user).toMatchObject({
      name: { first_name: 'Ada', last_name: 'King' },
      untrusted_metadata: { theme: 'dark' },
    })
  })

  it('signs up and in by password, and changes it', async () => {
    const client = newClient()
    const { valid_password } = await client.passwords.strengthCheck({ password: strong })
    expect(valid_password).toBe(true)
    await client.passwords.create({ email: grace, password: strong, ...sixty })
    await client.passwords.resetBySession({ password: stronger, ...sixty })
    await client.passwords.resetByExistingPassword({
      email: grace,
      existing_password: stronger,
      new_password: strong,
      ...sixty,
    })
    const wrong = client.passwords.authenticate({ email: grace, password: stronger, ...sixty })
    expect(await typeOf(wrong)).toBe('unauthorized_credentials')
    await client.passwords.authenticate({ email: grace, password: strong, ...sixty })
  })

  it('resets a password by e-mail with PKCE', async () => {
    const client = newClient()
    await client.passwords.resetByEmailStart({
      email: ada,
      reset_password_redirect_url: 'http://localhost:3000/authenticate',
    })
    const token = await standIn.lastToken()
    const { user } = await client.passwords.resetByEmail({ token, password: strong, ...sixty })
    expect(user.emails[0]?.email).toBe(ada)
  })
})

describe('the front-end API', () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    browser.realFetch(`${standIn.url}/sdk/v1${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${stytchProject.publicToken}:${stytchProject.publicToken}`)}`,
        origin: 'http://localhost:3000',
        ...headers,
      },
      body: JSON.stringify(body),
    })

  it.each([
    [grace, 'new'],
    [ada, 'password'],
    ['passwordless@example.com', 'passwordless'],
  ])(
    'answers the pre-built UI what kind of user has the address %s: %s',
    async (email, userType) => {
      await standIn.stytch.users.create({ email: 'passwordless@example.com' })
      const response = await post('/users/search', { email })
      expect(await response.json()).toMatchObject({ data: { userType, status_code: 200 } })
    },
  )

  it.each(['https://evil.example', 'http://localhost.evil.example', 'null', ''])(
    'refuses a page of the origin %j',
    async (origin) => {
      const response = await post('/users/search', { email: ada }, { origin })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(await response.json()).toMatchObject({ error_type: 'bad_domain_for_stytch_sdk' })
    },
  )

  it('refuses an unknown public token, and requests that need a session', async () => {
    const authorization = `Basic ${btoa('public-token-test-other:x')}`
    const foreign = await post('/users/search', { email: ada }, { authorization })
    expect(foreign.status).toBe(401)
    expect(await foreign.json()).toMatchObject({ error_type: 'unauthorized_credentials' })
    const response = await post('/sessions/authenticate', {})
    expect(await response.json()).toMatchObject({ error_type: 'user_unauthenticated' })
  })

  it('answers with the same error bodies as the backend API, and with CORS headers', async () => {
    const response = await post('/magic_links/authenticate', { token: 'nonsense' })
    expect(response.status).toBe(404)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(await response.json()).toMatchObject({ error_type: 'magic_link_not_found' })
    const unknown = await post('/nonsense', {})
    expect(await unknown.json()).toMatchObject({ error_type: 'route_not_found' })
  })
})
