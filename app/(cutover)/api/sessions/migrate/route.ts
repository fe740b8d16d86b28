import { type NextRequest, NextResponse } from 'next/server'
import { z } from 'zod'
import { hasConsumers } from '@/lib/consumers'
import { assessMemberMigration, hasTeams } from '@/lib/cutover/member-migration'
import { carryOver } from '@/lib/cutover/migration/carry-over'
import { consumerTarget } from '@/lib/cutover/migration/consumer-target'
import type { MigrationOutcome, RefusalReason } from '@/lib/cutover/migration/outcome'
import type { MigrationTarget } from '@/lib/cutover/migration/target'
import type { Assessment } from '@/lib/cutover/routing/assess'
import { assessCurrentRequest } from '@/lib/cutover/routing/current-request'
import { refusalOf } from '@/lib/cutover/routing/refusal'
import { errorText } from '@/lib/error-text'
import { legacyProvider } from '@/lib/legacy/configured-provider'
import { ProviderFailure } from '@/lib/provider-failure'
import { requestTime, secondsUntil } from '@/lib/request/clock'
import { readText } from '@/lib/request/request-body'
import { StytchRefusal } from '@/lib/stytch/client'
import { readCredentials } from '@/lib/token/credentials'

const noStore = { 'cache-control': 'no-store' }
const bodySchema = z.strictObject({ organization_id: z.string().min(1).optional() })

const problem = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) =>
  NextResponse.json({ error: { code, message } }, { status, headers: { ...noStore, ...headers } })

/**
 * Exchanges a valid legacy access token for a Stytch session, for mobile and API clients. The call is idempotent.
 *
 * It accepts the token only as `Authorization: Bearer`. A cookie would allow CSRF, because browsers attach it to
 * requests from other sites.
 */
export async function POST(request: NextRequest) {
  if (readCredentials(request.headers).bearer === null) {
    return problem(401, 'token_missing', 'Send the legacy access token as Authorization: Bearer.', {
      'www-authenticate': 'Bearer realm="cutover"',
    })
  }
  const text = await readText(request, 1_024)
  if (text === null) {
    return problem(413, 'body_too_large', 'The body is larger than 1,024 bytes.')
  }
  const body = bodySchema.safeParse(text.trim() === '' ? {} : parseJson(text))
  if (!body.success) {
    return problem(
      400,
      'body_invalid',
      'The body must be JSON with only an optional organization_id.',
    )
  }
  const { organization_id } = body.data
  if (organization_id && !hasTeams()) {
    return problem(
      400,
      'organizations_not_supported',
      'This app has no teams, so it has no sessions of organization members.',
    )
  }

  if (!organization_id && !hasConsumers) {
    return problem(400, 'organization_required', 'This app has only teams: send organization_id.')
  }

  try {
    const found = organization_id
      ? await assessMemberMigration(organization_id)
      : { assessed: await assessCurrentRequest('api'), target: consumerTarget }
    return 'refusal' in found ? refused(found.refusal) : await migrate(request, found)
  } catch (error) {
    console.error(`migration: not begun: ${errorText(error)}`)
    const isProvider = error instanceof ProviderFailure || error instanceof StytchRefusal
    return problem(
      503,
      isProvider ? 'stytch_unavailable' : 'database_unavailable',
      'Nothing changed. Continue with your current token and try again.',
      { 'retry-after': '30' },
    )
  }
}

async function migrate(
  request: NextRequest,
  { assessed, target }: { assessed: Assessment; target: MigrationTarget | null },
): Promise<NextResponse> {
  const { legacy, verdict, cohort, policy } = assessed
  if (legacy.state !== 'valid' || verdict.action !== 'serve' || !target) {
    if (verdict.lane === 'stytch') {
      return problem(400, 'already_stytch', 'This is a Stytch token. It needs no migration.')
    }
    const { status, body, headers } = refusalOf(assessed)
    return NextResponse.json(body, { status, headers: { ...noStore, ...headers } })
  }
  if (cohort.flow !== 'stytch') {
    return problem(
      409,
      'not_in_cohort',
      'The policy keeps this client on the legacy provider. Continue with your current token.',
    )
  }

  const now = requestTime(request.headers)
  const { session } = legacy
  const token = () => legacyProvider().tokenOfBearer(session)
  const outcome = await carryOver(session, token, { now, policy, target })
  // `Retry-After` counts from the response, so it needs the current time.
  return outcomeResponse(outcome, target, requestTime(request.headers))
}

const refused = (reason: RefusalReason) =>
  problem(403, reason, 'This user cannot be migrated. Continue with your current token.')

function outcomeResponse(
  outcome: MigrationOutcome,
  { organizationId }: MigrationTarget,
  now: Date,
): NextResponse {
  switch (outcome.result) {
    case 'migrated': {
      const { sessionToken, sessionJwt, expiresAt } = outcome.tokens
      return NextResponse.json(
        {
          ...(organizationId === null
            ? { user_id: outcome.userId }
            : { member_id: outcome.userId }),
          session_token: sessionToken,
          session_jwt: sessionJwt,
          expires_at: expiresAt.toISOString(),
        },
        { headers: noStore },
      )
    }
    case 'ended':
      return problem(401, outcome.reason, 'The session of this token has ended. Sign in again.', {
        'www-authenticate': 'Bearer realm="cutover", error="invalid_token"',
      })
    case 'refused':
      return refused(outcome.reason)
    default:
      return problem(
        outcome.reason === 'too_many_attempts' ? 429 : 503,
        outcome.reason,
        'Nothing changed. Continue with your current token and try again later.',
        {
          'retry-after': String(secondsUntil(outcome.retryAt, now)),
        },
      )
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
