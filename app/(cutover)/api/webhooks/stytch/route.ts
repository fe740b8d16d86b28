import type { NextRequest } from 'next/server'
import { isLedByLegacy } from '@/lib/cutover/forward/led-by-legacy'
import { receiveWebhook, type WebhookRefusal, webhookIsOpen } from '@/lib/cutover/mirror/webhook'
import { deprovision } from '@/lib/cutover/revocation/deprovision'
import { stytchIssuerName } from '@/lib/stytch/issuer'
import { answerWebhook, problem } from '../answer'

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
  if (!webhookIsOpen()) return problem(statuses.webhook_closed, 'webhook_closed')
  return answerWebhook(request, maximumBytes, statuses, async (body) => {
    const answer = await receiveWebhook(request.headers, body, new Date(), isLedByLegacy)
    if (answer.accepted && answer.deletedUserId) {
      const identity = { issuer: stytchIssuerName(), subject: answer.deletedUserId }
      await deprovision(identity, 'deleted', new Date())
    }
    return answer
  })
}
