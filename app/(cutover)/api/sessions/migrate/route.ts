import { type NextRequest, NextResponse } from 'next/server'
import { z } from 'zod'
import { readText } from '@/lib/cutover/api/request-body'
import { carryOver } from '@/lib/cutover/migration/carry-over'
import type { MigrationOutcome } from '@/lib/cutover/migration/outcome'
import { assessCurrentRequest } from '@/lib/cutover/routing/current-request'
import { refusalOf } from '@/lib/cutover/routing/refusal'
import { errorText } from '@/lib/error-text'
import { requestTime, secondsUntil } from '@/lib/request/clock'
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
 * For mobile and API clients: exchanges a live legacy access token for a Stytch session.
 *
 * The token counts only as `Authorization: Bearer`, which no foreign page can make a browser send; a
 * session cookie alone does nothing here. Calling it twice gives the same session twice.
 */
export async function POST(request: NextRequest) {
  if (readCredentials(request.headers).bearer === null) {
    return problem(401, 'token_missing', 'Send the legacy access token as Authorization: Bearer.', {
      'www-authenticate': 'Bearer realm="cutover"',
    })
  }
  const text = await readText(request, 1_024)
  if (text === null) {
    return problem(
      413,
      'body_too_large',
      'The body is JSON with an optional organization_id, and nothing else.',
    )
  }
  const body = bodySchema.safeParse(text.trim() === '' ? {} : parseJson(text))
  if (!body.success) {
    return problem(
      400,
      'body_invalid',
      'The body is JSON with an optional organization_id, and nothing else.',
    )
  }
  if (body.data.organization_id) {
    return problem(
      400,
      'organizations_not_supported',
      'Sessions of organization members cannot be carried over yet.',
    )
  }

  const assessed = await assessCurrentRequest('api')
  const { legacy, verdict, cohort, policy } = assessed
  if (legacy.state !== 'valid' || verdict.action !== 'serve') {
    if (verdict.lane === 'stytch') {
      return problem(
        400,
        'already_stytch',
        'This is a token of Stytch already: there is nothing to carry over.',
      )
    }
    const { status, body, headers } = refusalOf(assessed)
    return NextResponse.json(body, { status, headers: { ...noStore, ...headers } })
  }
  if (cohort.flow !== 'stytch') {
    return problem(
      409,
      'not_in_cohort',
      'The policy keeps this client on the legacy provider. Go on with the token you have.',
    )
  }

  const now = requestTime(request.headers)
  const { session } = legacy
  try {
    const outcome = await carryOver(session, async () => session.accessToken, {
      now,
      policyVersion: policy.version,
    })
    // The time by now: a client waits from the answer on.
    return answerOf(outcome, requestTime(request.headers))
  } catch (error) {
    console.error(`migration: not begun: ${errorText(error)}`)
    return problem(
      503,
      'database_unavailable',
      'Nothing was changed. Go on with the token you have, and try again.',
      {
        'retry-after': '30',
      },
    )
  }
}

function answerOf(outcome: MigrationOutcome, now: Date): NextResponse {
  switch (outcome.result) {
    case 'migrated': {
      const { sessionToken, sessionJwt, expiresAt } = outcome.tokens
      return NextResponse.json(
        {
          user_id: outcome.userId,
          session_token: sessionToken,
          session_jwt: sessionJwt,
          expires_at: expiresAt.toISOString(),
        },
        { headers: noStore },
      )
    }
    case 'ended':
      return problem(
        401,
        outcome.reason,
        'The session that this token became has been ended. Sign in again.',
        {
          'www-authenticate': 'Bearer realm="cutover", error="invalid_token"',
        },
      )
    case 'refused':
      return problem(
        403,
        outcome.reason,
        'This person is not carried over. Go on with the token you have.',
      )
    default:
      return problem(
        503,
        outcome.reason,
        'Nothing was changed. Go on with the token you have, and try again later.',
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
