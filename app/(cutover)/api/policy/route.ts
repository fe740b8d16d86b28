import { type NextRequest, NextResponse } from 'next/server'
import { isSameSecret } from '@/lib/cutover/api/is-same-secret'
import { cutoverConfig } from '@/lib/cutover/config'
import { changePolicyAs } from '@/lib/cutover/policy/change'
import { policyProblems, policySchema } from '@/lib/cutover/policy/document'
import {
  PolicyConflict,
  PolicyElsewhere,
  readDeliveredPolicy,
  readPolicy,
} from '@/lib/cutover/policy/store'
import { errorText } from '@/lib/error-text'
import { requestTime } from '@/lib/request/clock'
import { isSameOrigin } from '@/lib/request/same-origin'
import { readCredentials } from '@/lib/token/credentials'
import { operatorOfRequest } from '../operator'

const noStore = { 'cache-control': 'private, no-store' }
const etag = (version: number) => ({ ...noStore, etag: `"${version}"` })

const problem = (status: number, code: string, message: string, more: object = {}) =>
  NextResponse.json(
    { error: { code, message, ...more } },
    {
      status,
      headers:
        status === 401 ? { ...noStore, 'www-authenticate': 'Bearer realm="control"' } : noStore,
    },
  )

const databaseUnavailable = () =>
  problem(
    503,
    'database_unavailable',
    'The database does not answer. The policy in force has not changed. Try again.',
  )

/** The policy in force, for `CONTROL_TOKEN`, a signed-in operator and the edge of this deployment. */
export async function GET(request: NextRequest) {
  const author = await authorOf(request, true)
  if (author instanceof NextResponse) return author
  if (author === 'edge' && !cutoverConfig().ownsPolicy) {
    // The reader may be this app, whose POLICY_URL leads back here under another name. It would ask without end.
    return problem(
      508,
      'policy_loop',
      'POLICY_URL of the reader leads to an app that stores no policy. Set it to the place of the policy.',
    )
  }
  try {
    // Operators see the policy as it was written.
    const policy = await (author === 'edge' ? readDeliveredPolicy() : readPolicy())
    return NextResponse.json(policy, { headers: etag(policy.version) })
  } catch (error) {
    console.error(`policy: ${errorText(error)}`)
    return databaseUnavailable()
  }
}

/** Puts a whole policy in force. `If-Match` prevents overwriting a concurrent change. */
export async function PUT(request: NextRequest) {
  const author = await authorOf(request, false)
  if (author instanceof NextResponse) return author
  const expected = expectedVersion(request.headers.get('if-match'))
  if (expected === undefined) {
    return problem(
      400,
      'if_match_invalid',
      'If-Match must be the version that you have read, such as "3", or *.',
    )
  }
  const body: unknown = await request.json().catch(() => undefined)
  if (body === undefined)
    return problem(400, 'policy_invalid', 'The body is not JSON.', {
      fields: { policy: 'is not JSON' },
    })
  const parsed = policySchema.safeParse(body)
  if (!parsed.success) {
    const fields = policyProblems(parsed.error)
    return problem(
      400,
      'policy_invalid',
      `The policy is invalid: ${Object.keys(fields).join(', ')}. Nothing changed.`,
      { fields },
    )
  }
  try {
    const changed = await changePolicyAs(
      author,
      parsed.data,
      expected,
      requestTime(request.headers),
    )
    return NextResponse.json(changed, { headers: etag(changed.version) })
  } catch (error) {
    if (error instanceof PolicyElsewhere) return problem(409, error.code, error.message)
    if (error instanceof PolicyConflict)
      return problem(409, error.code, error.message, { version: error.current.version })
    console.error(`policy: ${errorText(error)}`)
    return databaseUnavailable()
  }
}

/** The author for the history, or an error response if the client has no access. */
async function authorOf(request: NextRequest, readOnly: boolean): Promise<string | NextResponse> {
  const { bearer } = readCredentials(request.headers)
  const { controlToken, policyReaderSecrets } = cutoverConfig()
  if (bearer !== null && controlToken && isSameSecret(bearer, controlToken)) return 'control-token'
  if (bearer !== null && readOnly && policyReaderSecrets.some((key) => isSameSecret(bearer, key)))
    return 'edge'

  // Browsers attach cookies to requests from other sites too (CSRF), so the origin must be this app.
  if (bearer === null && !readOnly && !isSameOrigin(request.headers)) {
    return problem(
      403,
      'cross_origin',
      'Requests with a cookie must come from a page of this app. Scripts use CONTROL_TOKEN.',
    )
  }
  const operator = await operatorOfRequest()
  if ('email' in operator) return operator.email
  return problem(operator.status, operator.code, refusals[operator.status])
}

const refusals = {
  401: 'Send CONTROL_TOKEN as Bearer, or sign in as an operator.',
  403: 'Only operators may read and change the policy. OPERATOR_EMAILS lists them.',
  503: 'It cannot be checked now whether you are an operator. The policy in force has not changed. Try again.',
}

/** The version of an `If-Match` header. Null accepts any version. Undefined means that the header is invalid. */
function expectedVersion(header: string | null): number | null | undefined {
  if (header === null || header === '*') return null
  const match = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())
  return match ? Number(match[1]) : undefined
}
