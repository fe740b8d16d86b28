import { type NextRequest, NextResponse } from 'next/server'
import { encodeTrace, internalPrefix, type Trace, traceHeader } from './trace'

/** A cookie as `cookies.set` takes it; an empty value takes it away. */
export type Cookie = {
  name: string
  value: string
  httpOnly: boolean
  secure: boolean
  sameSite: 'lax'
  path: string
  expires?: Date
  maxAge?: number
}

/** Where the person is: also for what is posted there, which must lead back to it. */
export const addressHeader = `${internalPrefix}address`

/** The path and query of a page. `_rsc` is the router's own cache key, and no part of its address. */
export function addressOf({ pathname, search }: { pathname: string; search: string }): string {
  const parameters = new URLSearchParams(search)
  if (!parameters.has('_rsc')) return pathname + search
  parameters.delete('_rsc')
  return pathname + (parameters.size > 0 ? `?${parameters}` : '')
}

/** The headers of a request without what only the middleware may say, and with what it says. */
export function internalHeaders(request: NextRequest, trace: Trace | null): Headers {
  const headers = new Headers(request.headers)
  for (const name of request.headers.keys()) {
    if (name.startsWith(internalPrefix)) headers.delete(name)
  }
  if (trace) headers.set(traceHeader, encodeTrace(trace))
  headers.set(addressHeader, addressOf(request.nextUrl))
  return headers
}

/** Passes a request on, with cookies that both the page and the browser get. */
export function forward(
  request: NextRequest,
  trace: Trace | null,
  cookies: Cookie[] = [],
): NextResponse {
  const headers = internalHeaders(request, trace)
  if (cookies.length > 0) headers.set('cookie', withCookies(headers.get('cookie') ?? '', cookies))
  return withSetCookies(NextResponse.next({ request: { headers } }), cookies)
}

/** Sets cookies on a response. */
export function withSetCookies(response: NextResponse, cookies: Cookie[]): NextResponse {
  for (const cookie of cookies) response.cookies.set(cookie)
  // A cache that kept this response would hand one person's session to the next.
  if (cookies.length > 0) response.headers.set('cache-control', 'private, no-store')
  return response
}

/** So that the page which is rendered now sees what the browser will have from now on. */
function withCookies(header: string, cookies: Cookie[]): string {
  const replaced = new Set(cookies.map(({ name }) => name))
  const kept = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair && !replaced.has(pair.split('=', 1)[0] ?? ''))
  const added = cookies
    .filter(({ value }) => value)
    .map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
  return [...kept, ...added].join('; ')
}
