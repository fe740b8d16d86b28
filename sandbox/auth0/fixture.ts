import { createHash, randomBytes } from 'node:crypto'
import { ManagementClient } from 'auth0'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { auth0Tenant, demoPassword } from '../settings.ts'
import { controlClient } from '../stand-in/control-client.ts'
import { createBrowser, type Page } from './browser.ts'
import { startAuth0StandIn } from './server.ts'

export const appBaseUrl = 'http://localhost:3999'
export const callback = `${appBaseUrl}/auth/callback`

/** The credentials of the application for teams, at the token endpoint. */
export const teamClient = {
  client_id: auth0Tenant.team.clientId,
  client_secret: auth0Tenant.team.clientSecret,
}

/** A stand-in on a free port, with the requests that the tests send to it. */
export async function startForTests() {
  const server = await startAuth0StandIn({ port: 0, appBaseUrl, log: () => {} })
  const { url } = server

  const control = controlClient(url)

  const form = (path: string, fields: Record<string, string>) =>
    fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(fields) })

  const web = {
    client_id: auth0Tenant.web.clientId,
    client_secret: auth0Tenant.web.clientSecret,
  }

  return {
    url,
    close: server.close,
    control,
    form,
    userinfo: (token: string) =>
      fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${token}` } }),
    refresh: async (refresh_token: string, client = web) =>
      answerOf(
        await form('/oauth/token', { grant_type: 'refresh_token', refresh_token, ...client }),
      ),
    revoke: (token: string) => form('/oauth/revoke', { token, ...web }),
    machineToken: async (fields: Record<string, string> = {}) =>
      answerOf(
        await form('/oauth/token', {
          grant_type: 'client_credentials',
          client_id: auth0Tenant.management.clientId,
          client_secret: auth0Tenant.management.clientSecret,
          audience: `${url}/api/v2/`,
          ...fields,
        }),
      ),
    exchange: async (code: string, code_verifier: string, fields: Record<string, string> = {}) =>
      answerOf(
        await form('/oauth/token', {
          grant_type: 'authorization_code',
          redirect_uri: callback,
          code,
          code_verifier,
          ...web,
          ...fields,
        }),
      ),
  }
}

export type StandIn = Awaited<ReturnType<typeof startForTests>>

/** A client of the real SDK. It caches its token. */
export const managementClient = ({ url }: Pick<StandIn, 'url'>) =>
  new ManagementClient({
    domain: new URL(url).host,
    clientId: auth0Tenant.management.clientId,
    clientSecret: auth0Tenant.management.clientSecret,
    audience: `${url}/api/v2/`,
    maxRetries: 0,
    // The SDK always uses https.
    fetch: (input, init) => fetch(String(input).replace('https://', 'http://'), init),
  })

/** The link in the newest mail, which must be of this kind. */
export async function lastLink(standIn: StandIn, kind: string): Promise<string> {
  const message = (await standIn.control('GET', 'inbox')).body.at(-1)
  if (message?.kind !== kind) throw new Error(`The newest mail is ${JSON.stringify(message)}.`)
  return message.link
}

export type TokenAnswer = {
  access_token: string
  refresh_token: string
  id_token: string
  scope: string
  expires_in: number
  token_type: string
  error?: string
  error_description?: string
}

const answerOf = async (response: Response) => ({
  status: response.status,
  body: (await response.json()) as TokenAnswer,
})

/** An authorization request with PKCE. A parameter with an empty value is left out. */
export function authorization(standIn: StandIn, parameters: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url')
  const query = {
    client_id: auth0Tenant.web.clientId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    audience: auth0Tenant.audience,
    state: 'some-state',
    nonce: 'some-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  }
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return { verifier, url: `${standIn.url}/authorize?${new URLSearchParams(given)}` }
}

/** Logs in on the pages, and stops at the redirect to the app. */
export async function logIn(
  standIn: StandIn,
  email: string,
  options: {
    password?: string
    parameters?: Record<string, string>
    browser?: ReturnType<typeof createBrowser>
  } = {},
) {
  const { password = demoPassword, browser = createBrowser() } = options
  const { verifier, url } = authorization(standIn, options.parameters)
  let page: Page = await browser.open(url, callback)
  if (!page.url.startsWith(callback)) {
    page = await browser.submit(page, { email, password }, callback)
  }
  const answer = page.url.startsWith(callback) ? new URL(page.url).searchParams : null
  const code = answer?.get('code') ?? ''
  return { browser, page, verifier, code, error: answer?.get('error_description') ?? null }
}

/** Logs in, and exchanges the code for tokens. */
export async function tokensFor(
  standIn: StandIn,
  email: string,
  parameters?: Record<string, string>,
) {
  const { code, verifier } = await logIn(standIn, email, { parameters })
  const { body } = await standIn.exchange(code, verifier)
  return {
    ...body,
    claims: () => decodeJwt(body.access_token),
    idClaims: () => decodeJwt(body.id_token),
  }
}

export const headerOf = (token: string) => decodeProtectedHeader(token)
