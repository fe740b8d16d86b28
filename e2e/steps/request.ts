import { expect } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'

/** Plain HTTP requests to the app. */

export type Credentials = { bearer?: string; cookies?: Record<string, string> | string }
export type Asked = Credentials & {
  base?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}
export type Answer = Awaited<ReturnType<typeof ask>>

/** Sends one request unchanged. It adds no cookies, follows no redirect and corrects no header. */
export async function ask(path: string, asked: Asked = {}) {
  const { base = urls.app, method = 'GET', bearer, cookies, headers = {}, body } = asked
  const cookie = typeof cookies === 'string' ? cookies : cookies && cookieHeader(cookies)
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
    // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its answer
    json: () => JSON.parse(text) as any,
    /** The session cookies that the answer sets, without expired ones. */
    sessionCookies: response.headers
      .getSetCookie()
      .filter((line) => /^(?:stytch_session|stytch_session_jwt|__session[_\d]*)=[^;]/.test(line)),
  }
}

const cookieHeader = (cookies: Record<string, string>) =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('; ')

/** The session cookies that an answer sets, to be sent with the next request. */
export const cookiesOf = ({ sessionCookies }: Answer): Record<string, string> =>
  Object.fromEntries(
    sessionCookies.map((line) => line.split(';', 1)[0]?.split('=') as [string, string]),
  )

/** Checks that no cache may store the answer, which is about one user or changes. */
export const expectNotCached = ({ headers }: Answer) =>
  expect(headers.get('cache-control')).toMatch(/no-store/)
