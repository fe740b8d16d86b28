import { type NextRequest, NextResponse } from 'next/server'
import { readText } from '@/lib/cutover/api/request-body'
import { cutoverConfig } from '@/lib/cutover/config'
import { receiveWebhook, type WebhookRefusal } from '@/lib/cutover/mirror/webhook'
import { deprovision } from '@/lib/cutover/revocation/deprovision'
import { errorText } from '@/lib/error-text'
import { stytchIssuerName } from '@/lib/stytch/issuer'

const noStore = { 'cache-control': 'no-store' }

/** Limit of a body. Stytch sends far less, because a user object has a few kilobytes. */
const maximumBytes = 256 * 1_024

const statuses: Record<WebhookRefusal, number> = {
  // Without a secret the app cannot verify a sender, so the endpoint does not exist.
  webhook_closed: 404,
  signature_missing: 401,
  signature_invalid: 401,
  message_too_old: 401,
  message_malformed: 400,
  project_unknown: 400,
}

/** Receives Stytch's webhooks, which report changes made outside this app. */
export async function POST(request: NextRequest) {
  if (!cutoverConfig().webhookSecret) return problem(statuses.webhook_closed, 'webhook_closed')
  const body = await readText(request, maximumBytes)
  if (body === null) return problem(413, 'message_too_large')
  try {
    const answer = await receiveWebhook(request.headers, body, new Date())
    if (!answer.accepted) return problem(statuses[answer.code], answer.code)
    if (answer.deletedUserId) {
      const identity = { issuer: stytchIssuerName(), subject: answer.deletedUserId }
      await deprovision(identity, 'deleted', new Date())
    }
    return NextResponse.json({ result: answer.result }, { headers: noStore })
  } catch (error) {
    console.error(`webhook: ${errorText(error)}`)
    // Stytch retries later.
    return problem(503, 'database_unavailable')
  }
}

const problem = (status: number, code: string) =>
  NextResponse.json({ error: { code } }, { status, headers: noStore })
