import 'server-only'
import { operatorAddress, readRequest, viewerOf } from '@/lib/viewer'

type Refused = { status: 401 | 403 | 503; code: string }

/** The reasons for which nobody could judge the session. A 401 or 403 would say that the user has no access. */
const undecided: ReadonlySet<string> = new Set(['stytch_unavailable', 'keys_unavailable'])

/** The operator of an API request, or the status and the code of the refusal. */
export async function operatorOfRequest(): Promise<{ email: string } | Refused> {
  const reading = await readRequest('public')
  const viewer = await viewerOf(reading)
  if (!viewer) {
    return undecided.has(reading.reason)
      ? { status: 503, code: reading.reason }
      : { status: 401, code: 'not_signed_in' }
  }
  if (viewer.problem) return { status: 503, code: viewer.problem }
  const email = operatorAddress(viewer)
  return email === null ? { status: 403, code: 'not_an_operator' } : { email }
}
