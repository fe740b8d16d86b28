import type { NextRequest } from 'next/server'
import { isSameSecret } from '@/lib/cutover/api/bearer-secret'
import { cutoverConfig } from '@/lib/cutover/config'
import { metricsContentType, metricsText } from '@/lib/cutover/observability/metrics-text'
import { requestTime } from '@/lib/request/clock'
import { readRequest } from '@/lib/seam'
import { readCredentials } from '@/lib/token/credentials'
import { viewerOf } from '@/lib/viewer'

const noStore = { 'cache-control': 'private, no-store' }

/** For Prometheus, in its text format: see docs/metrics.md. For `METRICS_TOKEN`, `CONTROL_TOKEN` and operators. */
export async function GET(request: NextRequest) {
  const refusal = await refusalOf(request)
  if (refusal) return refusal
  const text = await metricsText(requestTime(request.headers))
  return new Response(text, { headers: { ...noStore, 'content-type': metricsContentType } })
}

/** Null for whoever may read. A cookie is enough: nothing changes here, and no other site can see the answer. */
async function refusalOf(request: NextRequest): Promise<Response | null> {
  const { bearer } = readCredentials(request.headers)
  const { metricsToken, controlToken } = cutoverConfig()
  const opens = (token: string) => bearer !== null && token !== '' && isSameSecret(bearer, token)
  if (opens(metricsToken) || opens(controlToken)) return null
  const viewer = await viewerOf(await readRequest('public'))
  if (!viewer) {
    const message = 'Send METRICS_TOKEN or CONTROL_TOKEN as Bearer, or sign in as an operator.'
    return problem(401, 'not_signed_in', message, { 'www-authenticate': 'Bearer realm="metrics"' })
  }
  if (viewer.isOperator) return null
  return problem(
    403,
    'not_an_operator',
    'Only operators may read the metrics: see OPERATOR_EMAILS.',
  )
}

const problem = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) => Response.json({ error: { code, message } }, { status, headers: { ...noStore, ...headers } })
