import type { NextRequest } from 'next/server'
import { isSameSecret } from '@/lib/cutover/api/is-same-secret'
import { cutoverConfig } from '@/lib/cutover/config'
import { metricsContentType, metricsText } from '@/lib/cutover/observability/metrics-text'
import { requestTime } from '@/lib/request/clock'
import { readCredentials } from '@/lib/token/credentials'
import { operatorOfRequest } from '../operator'

const noStore = { 'cache-control': 'private, no-store' }

/** Metrics in Prometheus's text format (docs/metrics.md), for `METRICS_TOKEN`, `CONTROL_TOKEN` and operators. */
export async function GET(request: NextRequest) {
  const error = await checkAccess(request)
  if (error) return error
  const text = await metricsText(requestTime(request.headers))
  return new Response(text, { headers: { ...noStore, 'content-type': metricsContentType } })
}

/**
 * Returns an error response, or null if the client may read the metrics. A cookie suffices, because the request
 * changes nothing and other sites cannot read the response.
 */
async function checkAccess(request: NextRequest): Promise<Response | null> {
  const { bearer } = readCredentials(request.headers)
  const { metricsToken, controlToken } = cutoverConfig()
  const matches = (token: string) => bearer !== null && token !== '' && isSameSecret(bearer, token)
  if (matches(metricsToken) || matches(controlToken)) return null
  const operator = await operatorOfRequest()
  if ('email' in operator) return null
  const { status, code } = operator
  const challenge = { 'www-authenticate': 'Bearer realm="metrics"' }
  return problem(status, code, refusals[status], status === 401 ? challenge : {})
}

const refusals = {
  401: 'Send METRICS_TOKEN or CONTROL_TOKEN as Bearer, or sign in as an operator.',
  403: 'Only operators may read the metrics. OPERATOR_EMAILS lists them.',
  503: 'It cannot be checked now whether you are an operator. Try again.',
}

const problem = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) => Response.json({ error: { code, message } }, { status, headers: { ...noStore, ...headers } })
