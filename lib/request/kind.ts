/** The kind of a request. The decision table has a column for each kind. */
export type RequestKind =
  /** a page that needs a session, as a document or as the data of a client-side navigation */
  | 'page'
  /** a page without a session; it never redirects to the login */
  | 'public'
  /** answers with JSON; without a session with 401 and a reason, never with a redirect */
  | 'api'
  /** the browser loads a page in advance; must have no effect */
  | 'prefetch'
  /** the post of a server action, which checks the session itself, so the middleware passes it on */
  | 'action'

/** Pages without a session. Every page that is not listed here needs one, so a forgotten entry fails closed. */
const publicPages = new Set([
  '/',
  '/login',
  '/authenticate',
  '/auth/login',
  '/auth/password',
  '/unavailable',
  '/team',
  '/team/login',
  '/team/choose',
  '/team/authenticate',
])
const publicPrefixes = /^\/source\/|^\/team\/[^/]+\/login$/

/** Routes that authenticate each request themselves. */
const selfAuthenticated = [
  '/api/health',
  '/api/health/live',
  '/api/health/ready',
  '/api/policy',
  '/api/metrics',
  '/api/sessions/migrate',
  '/api/legacy/userinfo',
  '/api/webhooks/auth0',
  '/api/webhooks/stytch',
  '/api/cron/mirror',
]

/** The kind of a request, from its path, method and headers. */
export function requestKind(path: string, method: string, headers: Headers): RequestKind {
  if (selfAuthenticated.includes(path)) return 'public'
  if (path === '/api' || path.startsWith('/api/')) return 'api'
  const isReading = method === 'GET' || method === 'HEAD'
  if (isReading && isPrefetch(headers)) return 'prefetch'
  if (publicPages.has(path) || publicPrefixes.test(path)) return 'public'
  return isReading ? 'page' : 'action'
}

/** From Next's router, from current browsers (`Sec-Purpose`), and from older versions of Firefox and Safari. */
function isPrefetch(headers: Headers): boolean {
  return (
    headers.has('next-router-prefetch') ||
    headers.has('next-router-segment-prefetch') ||
    ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
      headers.get(name)?.includes('prefetch'),
    )
  )
}
