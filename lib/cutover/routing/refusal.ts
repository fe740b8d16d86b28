import { bearerChallenge } from '../../token/challenge'
import { refusals } from '../../token/refusal'
import type { Assessment } from './assess'
import type { VerdictReason } from './verdict'

const messages: Record<VerdictReason, string> = {
  stytch_session: 'Signed in.',
  stytch_session_expired: 'The session has expired and this request cannot refresh it. Try again.',
  stytch_unavailable: 'The login provider does not answer. The session is still valid. Try again.',
  legacy_session: 'Signed in.',
  legacy_session_carried_over: 'Signed in.',
  legacy_session_not_accepted:
    'Sign-in has changed. Sessions of the previous login are no longer accepted. Sign in again.',
  no_session: 'Sign in first.',
}

function refusalBody({ verdict, cohort, policy, refusal }: Assessment) {
  return {
    error: {
      code: refusal ?? verdict.reason,
      message: refusal ? refusals[refusal] : messages[verdict.reason],
    },
    flow: { name: cohort.flow, reason: cohort.reason },
    policyVersion: policy.version,
  }
}

/** The API response to a request without a session. Middleware and route handlers share it. */
export function refusalOf(assessed: Assessment): {
  status: 401 | 503
  body: object
  headers: Record<string, string>
} {
  const body = refusalBody(assessed)
  if (assessed.verdict.action === 'retry')
    return { status: 503, body, headers: { 'retry-after': '5' } }
  const { refusal, verdict } = assessed
  const code = refusal ?? (verdict.reason === 'no_session' ? null : verdict.reason)
  return { status: 401, body, headers: { 'www-authenticate': bearerChallenge(code) } }
}
