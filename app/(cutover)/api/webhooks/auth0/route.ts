import { type NextRequest, NextResponse } from 'next/server'
import { readText } from '@/lib/cutover/api/request-body'
import {
  type Auth0WebhookRefusal,
  receiveAuth0Webhook,
} from '@/lib/cutover/revocation/auth0-webhook'
import { errorText } from '@/lib/error-text'

const noStore = { 'cache-control': 'no-store' }

/** Limit of a body. A log stream sends batches of logs. */
const maximumBytes = 2 * 1_024 * 1_024

const statuses: Record<Auth0WebhookRefusal, number> = {
  // Without a secret the app cannot verify a sender, so the endpoint does not exist.
  webhook_closed: 404,
  secret_wrong: 401,
  message_malformed: 400,
}

/** Receives Auth0's log stream or event stream, which reports users that were blocked or deleted there. */
export async function POST(request: NextRequest) {
  const body = await readText(request, maximumBytes)
  if (body === null) return problem(413, 'message_too_large')
  try {
    const answer = await receiveAuth0Webhook(request.headers, body)
    if (!answer.accepted) return problem(statuses[answer.code], answer.code)
    return NextResponse.json({ result: answer.result }, { headers: noStore })
  } catch (error) {
    console.error(`webhook: ${errorText(error)}`)
    // Auth0 retries later.
    return problem(503, 'database_unavailable')
  }
}

const problem = (status: number, code: string) =>
  NextResponse.json({ error: { code } }, { status, headers: noStore })
