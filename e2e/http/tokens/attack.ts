import type { Refusal } from '../../../lib/token/refusal.ts'
import { auth0Tenant, stytchProject, urls } from '../../../sandbox/settings.ts'
import { forgetRequests, providerCalls } from '../../steps/calls.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask, type Credentials } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { auth0 } from '../../world/auth0.ts'
import type { TokenOptions } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Forged and misplaced tokens, each sent as Bearer and as cookie. */

export const email = 'ada@example.com'

/** The tokens of one provider, and the cookies in which a browser holds them. */
export type Shape = {
  name: 'Stytch' | 'legacy'
  issuer: string
  forge(options?: TokenOptions): Promise<string>
  asCookie(token: string): Promise<Record<string, string>>
}

export const shapes: Shape[] = [
  {
    name: 'Stytch',
    issuer: `stytch.com/${stytchProject.projectId}`,
    forge: async (options) => (await stytch.session(email, options)).session_jwt,
    asCookie: async (token) => ({ stytch_session_jwt: token }),
  },
  {
    name: 'legacy',
    issuer: auth0Tenant.issuer,
    forge: (options) => auth0.token(email, options),
    asCookie: (accessToken) => legacyCookies(email, { accessToken }),
  },
]
export const [stytchShape, legacyShape] = shapes as [Shape, Shape]

export type Attack = {
  name: string
  forge: () => Promise<string>
  code: Refusal
  /** True if the token has a character that no Authorization header can have. */
  cookieOnly?: boolean
}

/**
 * The seal of the legacy cookie proves the user. Only the server uses the token in it. A token that has expired,
 * or that the app cannot verify, logs nobody out. The app never sends it to Stytch.
 */
const vouchedFor: ReadonlySet<Refusal> = new Set([
  'token_expired',
  'token_opaque',
  'token_malformed',
  'token_too_large',
  'issuer_unknown',
  'algorithm_not_allowed',
  'type_not_allowed',
  'audience_mismatch',
  'key_missing',
  'key_unknown',
  'keys_unavailable',
])

/** Tries every route that a token could open. */
export async function expectRefused(credentials: Credentials, code: Refusal): Promise<void> {
  await forgetRequests()

  const api = await ask('/api/me', credentials)
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe(code)
  expect(api.headers.get('www-authenticate')).toBe(
    `Bearer realm="cutover", error="invalid_token", error_description="${code}"`,
  )
  expect(api.headers.get('x-auth-lane')).toBe('anonymous')
  expect(api.headers.get('cache-control')).toBe('private, no-store')

  const page = await ask('/dashboard', credentials)
  expect(page.status).toBe(307)
  const login = new URL(page.headers.get('location') as string, urls.app)
  expect(login.origin + login.pathname).toBe(`${urls.app}/login`)
  expect(login.searchParams.get('returnTo')).toBe('/dashboard')
  expect(page.headers.get('x-auth-reason')).toBe(code)

  const migration = await ask('/api/sessions/migrate', { ...credentials, method: 'POST' })
  expect(migration.status).toBe(401)
  expect(migration.json().error.code).toBe(
    credentials.bearer === undefined ? 'token_missing' : code,
  )

  const action = await act('migrateSession', '/dashboard', credentials)
  expect(action.result).toMatchObject({ result: 'refused' })

  for (const answer of [api, page, migration, action]) expect(answer.sessionCookies).toEqual([])
  await expectNobodyAsked()
}

/** Checks that the app sent no provider a request about the token. It may have fetched keys. */
async function expectNobodyAsked(): Promise<void> {
  expect(await providerCalls()).toEqual([])
}

/** Checks that the user stays signed in on the legacy lane, and that no session is carried over. */
export async function expectStays(cookies: Record<string, string>): Promise<void> {
  await stytch.forgetRequests()
  const api = await ask('/api/me', { cookies })
  expect(api.status).toBe(200)
  expect(api.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })
  expect((await ask('/dashboard', { cookies })).status).toBe(200)
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'refused' })
  expect(action.sessionCookies).toEqual([])
  expect(await stytch.calls()).toEqual([])
}

export function refuses(shape: Shape, { name, forge, code, ...attack }: Attack): void {
  if (!attack.cookieOnly) {
    test(`refuses a ${shape.name} token ${name}, as Bearer`, async () => {
      await expectRefused({ bearer: await forge() }, code)
    })
  }
  if (shape === legacyShape && vouchedFor.has(code)) {
    test(`refuses to carry over a legacy session with a token ${name}, and logs nobody out`, async () => {
      await expectStays(await shape.asCookie(await forge()))
    })
  } else {
    test(`refuses a ${shape.name} token ${name}, as cookie`, async () => {
      await expectRefused({ cookies: await shape.asCookie(await forge()) }, code)
    })
  }
}
