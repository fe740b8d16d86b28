import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { decodeJwt } from 'jose'
import { appEnvironment, demoPassword, demoUsers, urls } from '../sandbox/settings.ts'
import { auth0, database, putPolicy, stytch } from './stand-ins.ts'

/** Every test begins before the migration, with the stand-ins as they were seeded and nobody signed in. */
export const test = base.extend<{ freshWorld: undefined }>({
  freshWorld: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's destructuring.
    async ({}, use) => {
      await database.setUp(true)
      await Promise.all([stytch.reset(), auth0.reset()])
      await database.query('delete from notes')
      await database.query('delete from claims')
      await database.query('delete from events')
      await putPolicy('before-the-migration')
      await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
      await use(undefined)
    },
    { auto: true },
  ],
})
export { expect }

/** Signs in at the Auth0 stand-in, by hand, from the app's own login page. */
export async function signInAtAuth0(
  page: Page,
  email: string,
  returnTo = '/dashboard',
): Promise<void> {
  await page.goto(returnTo)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.waitForURL((url) => url.origin === urls.app && url.pathname === returnTo.split('?')[0])
}

/** The session cookie that the Auth0 SDK would have set, without an organization; `over` changes what is in it. */
export async function legacySessionCookie(
  email: string,
  over: {
    accessToken?: string
    refreshToken?: string | null
    expiresAt?: number
    createdAt?: number
  } = {},
): Promise<string> {
  const user = demoUsers.find((each) => each.email === email)
  if (!user) throw new Error(`no demo user ${email}`)
  const now = Math.floor(Date.now() / 1_000)
  const grant = await auth0.grant(email)
  const refreshToken =
    over.refreshToken === null ? undefined : (over.refreshToken ?? grant.refresh_token)
  return generateSessionCookie(
    {
      user: { sub: user.subject, email, email_verified: user.emailVerified, name: user.name },
      tokenSet: {
        accessToken: over.accessToken ?? grant.access_token,
        idToken: grant.id_token,
        refreshToken,
        scope: 'openid profile email offline_access',
        requestedScope: 'openid profile email offline_access',
        audience: appEnvironment.AUTH0_AUDIENCE,
        expiresAt: over.expiresAt ?? now + grant.expires_in,
      },
      internal: {
        sid: String(decodeJwt(grant.id_token).sid ?? crypto.randomUUID()),
        createdAt: over.createdAt ?? now,
      },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
}

/** Signs in at the legacy provider without clicking: the browser simply has the cookie. In chunks, as the SDK does. */
export async function haveLegacySession(
  context: BrowserContext,
  email: string,
  over: Parameters<typeof legacySessionCookie>[1] = {},
): Promise<void> {
  const value = await legacySessionCookie(email, over)
  const chunks =
    value.length <= 3_500
      ? [['__session', value]]
      : [value.slice(0, 3_500), value.slice(3_500)].map((chunk, index) => [
          `__session__${index}`,
          chunk,
        ])
  await context.addCookies(
    chunks.map(([name, chunk]) => ({
      name: name as string,
      value: chunk as string,
      url: urls.app,
      httpOnly: true,
      sameSite: 'Lax' as const,
    })),
  )
}

/** Moves the time: for the app, in this browser only; for the stand-ins, altogether. */
export async function moveClock(context: BrowserContext, offsetSeconds: number): Promise<void> {
  await context.setExtraHTTPHeaders({ 'x-sandbox-clock-offset-seconds': String(offsetSeconds) })
  await Promise.all([stytch.setClock(offsetSeconds), auth0.setClock(offsetSeconds)])
}

/** Who the app says is looking: the answer of /api/me with this browser's cookies. */
export async function me(context: BrowserContext) {
  const response = await context.request.get('/api/me')
  return { status: response.status(), body: await response.json() }
}

export type Credentials = { bearer?: string; cookies?: Record<string, string> | string }
type Asked = Credentials & {
  base?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** One request exactly as it is written: nothing adds cookies, follows a redirect or corrects a header. */
export async function ask(path: string, asked: Asked = {}) {
  const { base = urls.app, method = 'GET', bearer, cookies, headers = {}, body } = asked
  const cookie =
    typeof cookies === 'string'
      ? cookies
      : cookies && Object.entries(cookies).map(toPair).join('; ')
  const response = await fetch(`${base}${path}`, {
    method,
    body,
    redirect: 'manual',
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(cookie ? { cookie } : {}),
      ...headers,
    },
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
    json: () => JSON.parse(text) as any,
    /** The cookies by which somebody would be signed in; expired ones are none. */
    sessionCookies: response.headers
      .getSetCookie()
      .filter((line) => /^(?:stytch_session|stytch_session_jwt|__session[_\d]*)=[^;]/.test(line)),
  }
}

const toPair = ([name, value]: [string, string]) => `${name}=${encodeURIComponent(value)}`

/** The cookies of a legacy session, as {@link legacySessionCookie} makes it and the SDK chunks it. */
export async function legacyCookies(
  email: string,
  over: Parameters<typeof legacySessionCookie>[1] = {},
): Promise<Record<string, string>> {
  // Two grants of one second have the same access token, and would be taken for one session.
  const accessToken = over.accessToken ?? (await auth0.token(email))
  const value = await legacySessionCookie(email, { ...over, accessToken })
  if (value.length <= 3_500) return { __session: value }
  const chunks = value.match(/.{1,3500}/g) ?? []
  return Object.fromEntries(chunks.map((chunk, index) => [`__session__${index}`, chunk]))
}

/** The cookies of a Stytch session, as {@link stytch.session} makes it. */
export async function stytchCookies(
  ...session: Parameters<typeof stytch.session>
): Promise<Record<string, string>> {
  const { session_token, session_jwt } = await stytch.session(...session)
  return { stytch_session: session_token, stytch_session_jwt: session_jwt }
}

/** The id under which a server action can be posted to. */
export function actionId(name: string): string {
  const manifest = join(import.meta.dirname, '../.next/server/server-reference-manifest.json')
  const { node } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    node: Record<string, { exportedName: string }>
  }
  const id = Object.keys(node).find((each) => node[each]?.exportedName === name)
  if (!id) throw new Error(`no server action ${name}`)
  return id
}

/** Posts to a server action as its page would, with whatever credentials; `result` is what it returned. */
export async function act(action: string, path: string, { headers, ...asked }: Asked = {}) {
  const answer = await ask(path, {
    method: 'POST',
    body: '[]',
    ...asked,
    headers: {
      'next-action': actionId(action),
      accept: 'text/x-component',
      'content-type': 'text/plain;charset=UTF-8',
      origin: asked.base ?? urls.app,
      ...headers,
    },
  })
  const row = /^1:(\{.*\})$/m.exec(answer.text)?.[1]
  return { ...answer, result: row ? JSON.parse(row) : undefined }
}
