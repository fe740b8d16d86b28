/** What kind of request it is; each kind has its own column in the decision table. */
export type RequestKind =
  /** a page that needs a session: a document, or the data of a client-side navigation to it */
  | 'page'
  /** a page for everybody: never leads away */
  | 'public'
  /** answers JSON, 401 with a reason, never a redirect */
  | 'api'
  /** a guess of the browser: must leave no trace */
  | 'prefetch'
  /** the post of a server action: guards itself, so it always gets through */
  | 'action'

/** Pages for everybody. A page that is not named here needs a session: forgetting one fails closed. */
const publicPages = new Set(['/', '/login', '/authenticate', '/unavailable'])

/** Routes with a door of their own: they verify what they are given, whoever is signed in. */
const ownDoors = [
  '/api/health',
  '/api/health/live',
  '/api/health/ready',
  '/api/policy',
  '/api/metrics',
  '/api/sessions/migrate',
  '/api/webhooks/stytch',
  '/api/cron/mirror',
]

/** Tells what kind of request this is, from its path, method and headers. */
export function requestKind(path: string, method: string, headers: Headers): RequestKind {
  if (ownDoors.includes(path)) return 'public'
  if (path === '/api' || path.startsWith('/api/')) return 'api'
  const isReading = method === 'GET' || method === 'HEAD'
  if (isReading && isPrefetch(headers)) return 'prefetch'
  if (publicPages.has(path) || path.startsWith('/source/')) return 'public'
  return isReading ? 'page' : 'action'
}

/** Next's router, browsers (`Sec-Purpose`), and Firefox and Safari of before. */
function isPrefetch(headers: Headers): boolean {
  return (
    headers.has('next-router-prefetch') ||
    headers.has('next-router-segment-prefetch') ||
    ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
      headers.get(name)?.includes('prefetch'),
    )
  )
}
