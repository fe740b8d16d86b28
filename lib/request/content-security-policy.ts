import type { NextResponse } from 'next/server'
import { config } from '../config'

/** Next reads the nonce of its scripts from this header of the request. */
export const policyHeader = 'content-security-policy'

/**
 * Whether a browser shows the response as a page. The data of Next's router, server actions called by script and API
 * calls run no scripts of their own. They get the static policy of next.config.ts.
 */
export const isDocumentRequest = (headers: Headers): boolean =>
  Boolean(headers.get('accept')?.includes('text/html')) &&
  !headers.has('rsc') &&
  !headers.has('next-action')

let parts: [before: string, after: string] | undefined

/** The Content Security Policy of a page, with a new nonce. */
export function pagePolicy(): string {
  parts ??= policyParts()
  return parts.join(newNonce())
}

function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
}

/** The text before and after the nonce. The rest is the same for all requests. */
function policyParts(): [string, string] {
  const { apiUrl } = config().stytch
  // Stytch's browser SDK calls its API and telemetry, and opens an iframe. With a stand-in, all are at its address.
  const stytch = new URL(apiUrl).hostname.endsWith('.stytch.com')
    ? 'https://*.stytch.com'
    : new URL(apiUrl).origin
  const isDevelopment = process.env.NODE_ENV === 'development'
  const before = `default-src 'self'; script-src 'self' 'nonce-`
  const after = [
    // React needs `eval` in development, to show the stack of a server error. The hot reload needs a WebSocket.
    `' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Stytch's pre-built UI inserts style elements without a nonce, and charts have style attributes.
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: ${stytch}`,
    `connect-src 'self' ${stytch}${isDevelopment ? ' ws:' : ''}`,
    `frame-src ${stytch}`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ')
  return [before, after]
}

/** Sets the policy of a page on its response, if the middleware has made one for the request. */
export function withPagePolicy(response: NextResponse, requestHeaders: Headers): NextResponse {
  const policy = requestHeaders.get(policyHeader)
  if (policy) response.headers.set(policyHeader, policy)
  return response
}

/**
 * Lets the forms of a page lead to another origin. Without it, Chrome stops the redirect that follows a sign-out
 * without JavaScript, because `form-action` applies to redirects too.
 */
export function allowFormTarget(response: NextResponse, url: string): void {
  const policy = response.headers.get(policyHeader)
  if (policy)
    response.headers.set(
      policyHeader,
      policy.replace("form-action 'self'", `form-action 'self' ${new URL(url).origin}`),
    )
}
