import { text } from 'node:stream/consumers'
import { decodeJwt } from 'jose'
import { Client } from 'stytch'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startAuth0StandIn } from './auth0/server.ts'
import { listenOnLocalhost } from './localhost.ts'
import { auth0Tenant, stytchProject } from './settings.ts'
import { controlClient } from './stand-in/control-client.ts'
import { b2bClient, errorOf } from './stytch/fixture.ts'
import { startStytchStandIn } from './stytch/server.ts'

/** A pair of stand-ins with its own app, as in each test worker. */
async function startPair() {
  const webhooks: string[] = []
  const app = await listenOnLocalhost(0, '', async (request, response) => {
    webhooks.push(`${request.url} ${await text(request)}`)
    response.end()
  })
  const appBaseUrl = `http://localhost:${app.port}`
  const auth0 = await startAuth0StandIn({ port: 0, appBaseUrl })
  const userinfoUrl = `${auth0.url}/userinfo`
  const stytch = await startStytchStandIn({ port: 0, appBaseUrl, userinfoUrl })
  const { projectId: project_id, secret } = stytchProject
  const control = (url: string) => {
    const send = controlClient(url)
    return async (...request: Parameters<typeof send>) => (await send(...request)).body
  }
  return {
    appBaseUrl,
    webhooks,
    auth0: { url: auth0.url, control: control(auth0.url) },
    stytch: {
      url: stytch.url,
      control: control(stytch.url),
      sdk: new Client({ project_id, secret, env: stytch.url }),
      b2b: b2bClient(stytch.url),
    },
    close: () => Promise.all([auth0.close(), stytch.close(), app.close()]),
  }
}

type Pair = Awaited<ReturnType<typeof startPair>>

let one: Pair
let two: Pair
beforeAll(async () => {
  vi.spyOn(console, 'warn').mockReturnValue()
  one = await startPair()
  two = await startPair()
})
beforeEach(async () => {
  await Promise.all(
    [one, two].flatMap(({ auth0, stytch }) => [
      auth0.control('POST', 'reset'),
      stytch.control('POST', 'reset'),
    ]),
  )
})
afterAll(() => Promise.all([one.close(), two.close()]))

const ada = { email: 'ada@example.com' }
const accessToken = async ({ auth0 }: Pair): Promise<string> =>
  (await auth0.control('POST', 'token', ada)).access_token
const askUserinfo = async ({ auth0 }: Pair, token: string): Promise<number> =>
  (await fetch(`${auth0.url}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status

describe('two pairs of stand-ins in one process', () => {
  it('keep their own time, also for oidc-provider and under concurrent requests', async () => {
    const hour = { offsetSeconds: 3600 }
    await Promise.all([one.auth0, one.stytch].map(({ control }) => control('PUT', 'clock', hour)))
    const issuedAt = async ({ auth0 }: Pair) => {
      const response = await fetch(`${auth0.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: auth0Tenant.management.clientId,
          client_secret: auth0Tenant.management.clientSecret,
          audience: `${auth0.url}/api/v2/`,
        }),
      })
      const { access_token } = await response.json()
      return JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString()).iat
    }
    const times = await Promise.all([issuedAt(one), issuedAt(two), issuedAt(one), issuedAt(two)])
    const halfAnHourAhead = Date.now() / 1000 + 1800
    expect(times.map((time) => time > halfAnHourAhead)).toEqual([true, false, true, false])
    expect(await two.stytch.control('GET', 'clock')).toEqual({ offsetSeconds: 0 })
  })

  it('refuse the tokens of each other', async () => {
    const token = await accessToken(one)
    expect([await askUserinfo(one, token), await askUserinfo(two, token)]).toEqual([200, 401])

    const { session_jwt } = await one.stytch.control('POST', 'session', ada)
    await one.stytch.sdk.sessions.authenticate({ session_jwt })
    const elsewhere = two.stytch.sdk.sessions.authenticate({ session_jwt })
    expect(await errorOf(elsewhere)).toEqual([400, 'unable_to_parse_session_jwt'])
  })

  it('migrate a session from the Auth0 stand-in of the same pair', async () => {
    const session_token = await accessToken(one)
    await one.stytch.sdk.sessions.migrate({ session_token })
    const elsewhere = two.stytch.sdk.sessions.migrate({ session_token })
    expect((await errorOf(elsewhere))[1]).toBe('migrate_from_external_unexpected_response')
  })

  it('migrate a member session by the organization of the Auth0 token', async () => {
    const barbara = { email: 'barbara@acme.example', organization: 'acme' }
    const { access_token } = await one.auth0.control('POST', 'token', barbara)
    const organization_id = String(decodeJwt(access_token).org_id)
    const request = { organization_id, session_token: access_token }
    const { b2b } = one.stytch
    const tooEarly = b2b.sessions.migrate(request)
    expect((await errorOf(tooEarly))[1]).toBe('migrate_from_external_email_does_not_exist')
    await b2b.organizations.members.create({ organization_id, email_address: barbara.email })
    const { organization, session_jwt } = await b2b.sessions.migrate(request)
    expect(organization.organization_slug).toBe('acme')
    const elsewhere = two.stytch.b2b.sessions.authenticate({ session_jwt })
    expect(await errorOf(elsewhere)).toEqual([400, 'unable_to_parse_session_jwt'])
  })

  it('keep their own log, inbox, faults, rate limits, keys and users', async () => {
    const fault = [{ path: '/v1/users', status: 500 }]
    await one.stytch.control('PUT', 'faults', fault)
    await one.stytch.control('PUT', 'rate-limits', { enabled: true })
    await one.stytch.control('PUT', 'jwks', { mode: 'rotate' })
    await one.stytch.sdk.otps.email.loginOrCreate({ email: 'new@example.com' })
    await one.auth0.control('PUT', 'tenant', { accessTokenSeconds: 60 })
    const untouched = { requests: [], inbox: [], faults: [], clock: { offsetSeconds: 0 } }
    for (const [path, expected] of Object.entries(untouched)) {
      expect(await two.stytch.control('GET', path), path).toEqual(expected)
      expect(await two.auth0.control('GET', path), path).toEqual(expected)
    }
    expect(await two.stytch.control('GET', 'rate-limits')).toEqual({ enabled: false })
    expect(await two.stytch.control('GET', 'jwks')).toEqual({ mode: 'normal' })
    expect(await two.stytch.control('GET', 'users')).toHaveLength(1)
    expect((await two.auth0.control('GET', 'tenant')).accessTokenSeconds).toBe(86_400)
  })

  it('send links and webhooks to the app of the same pair', async () => {
    const email = 'linked@example.com'
    await one.stytch.sdk.magicLinks.email.loginOrCreate({ email })
    const [message] = await one.stytch.control('GET', 'inbox')
    const link = await fetch(message.link, { redirect: 'manual' })
    expect(link.headers.get('location')).toMatch(`${one.appBaseUrl}/authenticate?`)
    const webhook = expect.stringMatching(`^/api/webhooks/stytch .*${email}`)
    await expect.poll(() => one.webhooks).toContainEqual(webhook)
    expect(two.webhooks).toEqual([])
  })

  it('survive the reset and the end of the other pair', async () => {
    const { session_token } = await two.stytch.control('POST', 'session', ada)
    const third = await startPair()
    await third.stytch.control('POST', 'reset')
    await third.auth0.control('POST', 'reset')
    await third.close()
    await two.stytch.sdk.sessions.authenticate({ session_token })
    await two.auth0.control('PUT', 'clock', { offsetSeconds: 3600 })
    expect(await askUserinfo(two, await accessToken(two))).toBe(200)
  })
})
