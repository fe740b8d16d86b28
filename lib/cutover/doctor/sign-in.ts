import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { z } from 'zod'
import type { Auth0Settings } from '../../legacy/auth0/settings'
import { createPkce } from '../../token/pkce'
import type { Settings } from './environment-checks'
import { jsonRequest } from './service'

/** The test person has no access token. The message says what to do. */
export class SignInFailed extends Error {
  readonly code = 'sign_in_failed'
  constructor(message: string) {
    super(message)
    this.name = 'SignInFailed'
  }
}

const tokenSchema = z.object({ access_token: z.string() })

/** The port of the address to which Auth0 returns the test person. */
const loopbackPort = 8_976
export const loopbackUrl = `http://localhost:${loopbackPort}/callback`

/** In milliseconds. */
const patience = 5 * 60_000

/** Gets an access token of the test person. The stand-in gives one without a login. */
export function signInTestPerson(
  { product, legacy }: Settings,
  email: string,
  print: (line: string) => void,
): Promise<string> {
  if (legacy?.provider !== 'auth0') throw new SignInFailed('The settings of Auth0 are not valid')
  return product?.sandbox ? sandboxToken(legacy, email) : signInByLink(legacy, email, print)
}

async function sandboxToken({ issuer }: Auth0Settings, email: string): Promise<string> {
  const response = await fetch(`${issuer}_sandbox/token`, jsonRequest('POST', { email }))
  const parsed = tokenSchema.safeParse(await response.json())
  if (parsed.success) return parsed.data.access_token
  throw new SignInFailed(`The stand-in has no user with the address ${email}`)
}

/** Prints a link to Auth0's login, and waits for the browser to come back to this machine (RFC 8252 section 7.3). */
async function signInByLink(
  legacy: Auth0Settings,
  email: string,
  print: (line: string) => void,
): Promise<string> {
  const state = randomBytes(16).toString('base64url')
  const { codeVerifier, codeChallenge } = createPkce()
  const link = new URL('authorize', legacy.issuer)
  const parameters = {
    client_id: legacy.clientId,
    redirect_uri: loopbackUrl,
    response_type: 'code',
    scope: 'openid profile email',
    login_hint: email,
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...(legacy.audience && { audience: legacy.audience }),
  }
  for (const [name, value] of Object.entries(parameters)) link.searchParams.set(name, value)
  const pending = waitForCode(state)
  print(
    `Sign in as ${email}. Add ${loopbackUrl} to the Allowed Callback URLs before:\n${link.href}`,
  )
  const code = await pending
  const response = await fetch(
    `${legacy.issuer}oauth/token`,
    jsonRequest('POST', {
      grant_type: 'authorization_code',
      client_id: legacy.clientId,
      client_secret: legacy.clientSecret,
      redirect_uri: loopbackUrl,
      code,
      code_verifier: codeVerifier,
    }),
  )
  const parsed = tokenSchema.safeParse(await response.json().catch(() => null))
  if (parsed.success) return parsed.data.access_token
  throw new SignInFailed(`Auth0 issued no access token (status ${response.status})`)
}

/** Waits for Auth0's redirect with this state. Other requests are ignored, since any page can send them. */
function waitForCode(state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', loopbackUrl)
      if (pathname !== '/callback' || searchParams.get('state') !== state) {
        response.writeHead(404).end()
        return
      }
      const code = searchParams.get('code')
      const error = new SignInFailed(
        `Auth0 returned ${searchParams.get('error') ?? 'no code'} instead of a login`,
      )
      // The end of the server closes the connections, so the browser must have its answer before.
      response.once('close', () => finish(code ? () => resolve(code) : () => reject(error)))
      response.end('You can close this page and return to the terminal.')
    })
    const timer = setTimeout(
      () => finish(() => reject(new SignInFailed('Nobody signed in within five minutes'))),
      patience,
    )
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      server.close()
      server.closeAllConnections()
      settle()
    }
    server.on('error', (error: NodeJS.ErrnoException) =>
      finish(() =>
        reject(new SignInFailed(`Port ${loopbackPort} cannot be opened (${error.code})`)),
      ),
    )
    server.listen(loopbackPort, 'localhost')
  })
}
