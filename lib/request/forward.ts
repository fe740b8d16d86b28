import { type NextRequest, NextResponse } from 'next/server'
import {
  isDocumentRequest,
  pagePolicy,
  policyHeader,
  withPagePolicy,
} from './content-security-policy'
import { encodeTrace, isTraceRead, type Trace, traceHeader } from './trace'

/** A cookie as `cookies.set` takes it. An empty value deletes it. */
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

/** The header with the address of the page that posted a server action. An action cannot learn it in another way. */
export const addressHeader = 'x-cutover-address'

/**
 * The headers that only the middleware may set. It removes them from every request of a client. A policy with a known
 * nonce would let injected scripts run.
 */
const internalNames = [traceHeader, addressHeader, policyHeader]

/** The path and query of a page, without `_rsc`, which is a cache key of Next's router. */
export function addressOf({ pathname, search }: { pathname: string; search: string }): string {
  const parameters = new URLSearchParams(search)
  if (!parameters.has('_rsc')) return pathname + search
  parameters.delete('_rsc')
  return pathname + (parameters.size > 0 ? `?${parameters}` : '')
}

/** The internal headers that the app needs for this request. */
function headersToSet(request: NextRequest, trace: Trace | null): [string, string][] {
  const headers: [string, string][] = []
  if (trace && isTraceRead(trace)) headers.push([traceHeader, encodeTrace(trace)])
  const isAction = request.method !== 'GET' && request.method !== 'HEAD'
  if (isAction) headers.push([addressHeader, addressOf(request.nextUrl)])
  if (isDocumentRequest(request.headers)) headers.push([policyHeader, pagePolicy()])
  return headers
}

/**
 * The headers of a request, with our internal headers and without forged ones.
 * @returns null when nothing changes
 */
function changedHeaders(request: NextRequest, trace: Trace | null): Headers | null {
  const internal = headersToSet(request, trace)
  const forged = internalNames.filter((name) => request.headers.has(name))
  if (internal.length === 0 && forged.length === 0) return null
  const headers = new Headers(request.headers)
  for (const name of forged) headers.delete(name)
  for (const [name, value] of internal) headers.set(name, value)
  return headers
}

/**
 * Passes a request on. Both the page and the browser get the cookies. A request without a change is passed on as it
 * is, because Next copies every header as soon as the middleware sets one.
 */
export function forward(
  request: NextRequest,
  trace: Trace | null,
  cookies: Cookie[] = [],
): NextResponse {
  let headers = changedHeaders(request, trace)
  if (cookies.length > 0) {
    headers ??= new Headers(request.headers)
    headers.set('cookie', withCookies(headers.get('cookie') ?? '', cookies))
  }
  if (!headers) return NextResponse.next()
  const response = NextResponse.next({ request: { headers } })
  return withSetCookies(withPagePolicy(response, headers), cookies)
}

/** Answers with another page of the app, at the address of the requested one. */
export function rewriteTo(
  path: string,
  request: NextRequest,
  trace: Trace | null,
  init: { status: number; headers?: Record<string, string> },
): NextResponse {
  const headers = changedHeaders(request, trace) ?? request.headers
  const response = NextResponse.rewrite(new URL(path, request.url), {
    ...init,
    request: { headers },
  })
  return withPagePolicy(response, headers)
}

/** Sets cookies on a response. */
export function withSetCookies(response: NextResponse, cookies: Cookie[]): NextResponse {
  for (const cookie of cookies) response.cookies.set(cookie)
  // A cached response would give one user's session to the next visitor.
  if (cookies.length > 0) response.headers.set('cache-control', 'private, no-store')
  return response
}

/** The Cookie header with the new cookies, so that the page sees what the browser will have. */
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
