import { type NextRequest, NextResponse } from 'next/server'
import { readText } from '@/lib/cutover/api/request-body'
import { cutoverConfig } from '@/lib/cutover/config'
import { receiveWebhook, type WebhookRefusal } from '@/lib/cutover/mirror/webhook'
import { errorText } from '@/lib/error-text'

const noStore = { 'cache-control': 'no-store' }

/** A user with everything in it has a few kilobytes. */
const maximumBytes = 256 * 1_024

const statuses: Record<WebhookRefusal, number> = {
  // Without a secret there is nobody whom it could be from, and nothing to tell.
  webhook_closed: 404,
  signature_missing: 401,
  signature_invalid: 401,
  message_too_old: 401,
  message_malformed: 400,
  project_unknown: 400,
}

/** For Stytch's webhooks: what changed there without passing through this app. */
export async function POST(request: NextRequest) {
  if (!cutoverConfig().webhookSecret) return problem(statuses.webhook_closed, 'webhook_closed')
  const body = await readText(request, maximumBytes)
  if (body === null) return problem(413, 'message_too_large')
  try {
    const answer = await receiveWebhook(request.headers, body, new Date())
    if (!answer.accepted) return problem(statuses[answer.code], answer.code)
    return NextResponse.json({ result: answer.result }, { headers: noStore })
  } catch (error) {
    console.error(`webhook: ${errorText(error)}`)
    // Whoever sends it tries again later.
    return problem(503, 'database_unavailable')
  }
}

const problem = (status: number, code: string) =>
  NextResponse.json({ error: { code } }, { status, headers: noStore })
