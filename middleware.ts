import type { NextFetchEvent, NextRequest } from 'next/server'
import { createPolicyMemory } from '@/lib/cutover/policy/memory'
import { fallbackPolicy, httpPolicySource } from '@/lib/cutover/policy/source'
import { assess } from '@/lib/cutover/routing/assess'
import { answer, replacingStytchSession } from '@/lib/cutover/routing/respond'
import { traceOf } from '@/lib/cutover/routing/trace'
import { legacyRoute } from '@/lib/legacy/routes'
import { requestTime } from '@/lib/request/clock'
import { forward } from '@/lib/request/forward'
import { requestKind } from '@/lib/request/kind'

let policyMemory: ReturnType<typeof createPolicyMemory> | undefined

/**
 * Decides for every request on which provider's session it is served. Gathers the facts, and applies
 * the verdict; it is not the only guard: pages, actions and route handlers verify again (lib/viewer.ts).
 *
 * Runs on the edge; no `runtime` is named here on purpose (docs/decisions/0002-edge-middleware.md).
 */
export default async function middleware(request: NextRequest, event: NextFetchEvent) {
  const started = performance.now()
  const { pathname } = request.nextUrl

  // The policy comes from here: asking for it would wait for itself. And health depends on no policy.
  if (pathname === '/api/policy' || pathname.startsWith('/api/health'))
    return forward(request, null)
  const legacy = await legacyRoute(request)
  if (legacy) return replacingStytchSession(legacy)

  policyMemory ??= createPolicyMemory(httpPolicySource, fallbackPolicy())
  const policy = await policyMemory((work) => event.waitUntil(work))
  const kind = requestKind(pathname, request.method, request.headers)
  const assessed = await assess(request.headers, kind, policy, requestTime(request.headers))
  return answer(request, assessed, traceOf(kind, assessed, (performance.now() - started) * 1_000))
}

// Everything but build output: a path that is left out here would also keep a client's forged headers.
export const config = {
  matcher:
    '/((?!_next/static/|_next/image$|favicon\\.ico$|(?:apple-touch-)?icon\\.(?:svg|png)$|social\\.png$|robots\\.txt$).*)',
}
