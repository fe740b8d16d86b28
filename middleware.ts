import type { NextFetchEvent, NextRequest } from 'next/server'
import { createPolicyMemory } from '@/lib/cutover/policy/memory'
import { fallbackPolicy, httpPolicySource } from '@/lib/cutover/policy/source'
import { assess } from '@/lib/cutover/routing/assess'
import { answer } from '@/lib/cutover/routing/respond'
import { traceOf } from '@/lib/cutover/routing/trace'
import { addresseeOf, hostRoute, isTeamCallback, teamLogin } from '@/lib/cutover/teams'
import { legacyLane } from '@/lib/legacy/lane'
import { legacyCallbackPath } from '@/lib/legacy/paths'
import { requestTime } from '@/lib/request/clock'
import { forward } from '@/lib/request/forward'
import { requestKind } from '@/lib/request/kind'

let policyMemory: ReturnType<typeof createPolicyMemory> | undefined

/**
 * Decides for each request which provider's session serves it. It gathers the facts and applies the verdict.
 * It is not the only guard. Pages, actions and route handlers verify the session again (lib/viewer.ts).
 *
 * It runs on the edge. It names no `runtime`, because Next would warn (docs/decisions/0002-edge-middleware.md).
 */
export default async function middleware(request: NextRequest, event: NextFetchEvent) {
  const started = performance.now()
  const { pathname } = request.nextUrl

  // The edge fetches the policy from /api/policy, so that request cannot wait for a policy.
  if (pathname === '/api/policy' || pathname.startsWith('/api/health'))
    return forward(request, null)
  const elsewhere = hostRoute(request)
  if (elsewhere) return elsewhere
  // A sign-in at the legacy provider may replace a Stytch session. Only Node can end that one, since the edge has no database.
  const isCallback = pathname === legacyCallbackPath || isTeamCallback(pathname)
  if (isCallback && request.method === 'GET') return forward(request, null)
  const legacy = (await legacyLane().answerLogin(request)) ?? (await teamLogin(request))
  if (legacy) return legacy

  policyMemory ??= createPolicyMemory(httpPolicySource, fallbackPolicy())
  const policy = await policyMemory((work) => event.waitUntil(work))
  const kind = requestKind(pathname, request.method, request.headers)
  const now = requestTime(request.headers)
  const assessed = await assess(request.headers, kind, policy, now, addresseeOf(request))
  const trace = traceOf(kind, assessed, (performance.now() - started) * 1_000)
  return answer(request, assessed, trace, now)
}

// Every path except build output and public files. An excluded path would keep forged internal headers.
export const config = {
  matcher:
    '/((?!_next/static/|_next/image$|favicon\\.ico$|(?:apple-touch-)?icon\\.(?:svg|png)$|social\\.png$|robots\\.txt$).*)',
}
