import { isDeepStrictEqual } from 'node:util'
import { appEnvironment, auth0Tenant, demoPassword, urls } from '../sandbox/settings.ts'
import { databaseControl } from './environment.ts'

/** The control doors of the stand-ins, as the tests use them. */

export type Fault = {
  method?: string
  path: string
  status?: number
  delayMs?: number
  drop?: boolean
  body?: unknown
  times?: number
}
export type LoggedRequest = { at: string; method: string; path: string; status: number }
export type Mail = {
  to: string
  kind: string
  code: string | null
  link: string | null
  at: string
}
/** What a forger may change about a token; null takes a claim or header away. */
export type TokenOptions = {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  signWith?: 'own' | 'stranger'
}

async function call<T>(base: string, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${base}${path}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

function standIn(base: string) {
  const requests = () => call<LoggedRequest[]>(base, 'GET', '/_sandbox/requests')
  return {
    requests,
    /** The same without the key sets, which are fetched whenever the memory of them ends. */
    calls: async () => (await requests()).filter(({ path }) => !path.includes('jwks')),
    forgetRequests: () => call<void>(base, 'DELETE', '/_sandbox/requests'),
    inbox: () => call<Mail[]>(base, 'GET', '/_sandbox/inbox'),
    setFaults: (faults: Fault[]) => call<void>(base, 'PUT', '/_sandbox/faults', faults),
    clearFaults: () => call<void>(base, 'DELETE', '/_sandbox/faults'),
    setClock: (offsetSeconds: number) =>
      call<void>(base, 'PUT', '/_sandbox/clock', { offsetSeconds }),
    reset: () => call<void>(base, 'POST', '/_sandbox/reset', {}),
    setKeys: (mode: 'normal' | 'rotate' | 'empty' | 'error' | 'slow') =>
      call<void>(base, 'PUT', '/_sandbox/jwks', { mode }),
  }
}

export const stytch = {
  ...standIn(urls.stytch),
  session: (email: string, options: TokenOptions & { minutes?: number } = {}) =>
    call<{ session_token: string; session_jwt: string }>(urls.stytch, 'POST', '/_sandbox/session', {
      email,
      ...options,
    }),
  users: () =>
    call<{ id: string; email: string; external_id: string | null; sessions: number }[]>(
      urls.stytch,
      'GET',
      '/_sandbox/users',
    ),
}

export const auth0 = {
  ...standIn(urls.auth0),
  /** What a mobile client would hold. Unique, as a real one is unless two are issued within a second. */
  token: async (email: string, options: TokenOptions & { expiresInSeconds?: number } = {}) => {
    const claims = { jti: crypto.randomUUID(), ...options.claims }
    const { access_token } = await call<{ access_token: string }>(
      urls.auth0,
      'POST',
      '/_sandbox/token',
      {
        email,
        ...options,
        claims,
      },
    )
    return access_token
  },
  idToken: (email: string) =>
    call<{ id_token: string }>(urls.auth0, 'POST', '/_sandbox/id-token', { email }),
  /** Somebody whom only the legacy provider knows, with the password of the demo users. */
  addUser: async (email: string, { emailVerified = true } = {}) => {
    const { access_token } = await call<{ access_token: string }>(
      urls.auth0,
      'POST',
      '/_sandbox/machine-token',
      { audience: `${urls.auth0}/api/v2/`, claims: { scope: 'create:users' } },
    )
    const response = await fetch(`${urls.auth0}/api/v2/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        connection: auth0Tenant.connection,
        email,
        password: demoPassword,
        email_verified: emailVerified,
        verify_email: false,
      }),
    })
    if (response.status !== 201) throw new Error(`addUser: ${await response.text()}`)
    return email
  },
  machineToken: () =>
    call<{ access_token: string }>(urls.auth0, 'POST', '/_sandbox/machine-token', {}),
  /** A grant as the web client would have it. */
  grant: (email: string) =>
    call<{ refresh_token: string; access_token: string; id_token: string; expires_in: number }>(
      urls.auth0,
      'POST',
      '/_sandbox/refresh-token',
      { email },
    ),
}

export const database = {
  setUp: (up: boolean) => call<void>(databaseControl, 'PUT', '/_sandbox/database', { up }),
  query: async <Row>(sql: string, params: unknown[] = []) =>
    (await call<{ rows: Row[] }>(databaseControl, 'POST', '/_sandbox/query', { sql, params })).rows,
}

/** How many calls a stand-in saw. */
export async function count(
  of: { requests(): Promise<LoggedRequest[]> },
  method: string,
  path: string | RegExp,
): Promise<number> {
  const matches = (given: string) => (typeof path === 'string' ? given === path : path.test(given))
  return (await of.requests()).filter((each) => each.method === method && matches(each.path)).length
}

export type Preset = 'before-the-migration' | 'zero-downtime' | 'all-at-once'
const presets: Record<Preset, object> = {
  'before-the-migration': { cohort: 'nobody', carrySessions: false, note: '' },
  'zero-downtime': { cohort: 'everybody', carrySessions: true, note: '' },
  'all-at-once': { cohort: 'everybody', carrySessions: false, note: '' },
}

/** Puts a policy in force, if it is not already, and waits until both runtimes have it, as an operator would see it. */
export async function putPolicy(policy: Preset | object): Promise<number> {
  const wanted = typeof policy === 'string' ? presets[policy as Preset] : policy
  const { version: current, ...dials } = await policyApi('GET')
  const version = isDeepStrictEqual(dials, wanted)
    ? current
    : (await policyApi('PUT', wanted)).version
  await untilInForce(version)
  return version
}

async function policyApi(method: 'GET' | 'PUT', body?: object): Promise<{ version: number }> {
  const response = await fetch(`${urls.app}/api/policy`, {
    method,
    headers: {
      authorization: `Bearer ${appEnvironment.CONTROL_TOKEN}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`policy: ${response.status} ${await response.text()}`)
  return (await response.json()) as { version: number }
}

/**
 * Asks until both runtimes, the edge and Node, decide by this version. As nobody: whoever looks on must not be
 * among the sessions and the people that a test counts. How soon it has to be, policy-api.spec.ts measures.
 */
export async function untilInForce(version: number, base = urls.app): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; ) {
    const versions = await policyVersions(base)
    if (versions.every((seen) => seen === version)) return
    if (Date.now() > deadline)
      throw new Error(`version ${version} is not in force after 20 s: ${versions}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The version by which each runtime decides: the edge, and Node. */
export async function policyVersions(base = urls.app): Promise<(number | undefined)[]> {
  const headers = { authorization: 'Bearer nobody' }
  const answers = await Promise.all([
    // The edge itself refuses who has no credentials.
    fetch(`${base}/api/me`),
    // The door of the clients refuses in Node what is no token.
    fetch(`${base}/api/sessions/migrate`, { method: 'POST', headers }),
  ])
  return Promise.all(answers.map(async (answer) => (await answer.json()).policyVersion))
}
