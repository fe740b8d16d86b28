import type { NextRequest } from 'next/server'
import { prepareForward } from '@/lib/cutover/forward/message-changes'
import {
  type Auth0WebhookRefusal,
  receiveAuth0Webhook,
} from '@/lib/cutover/revocation/auth0-webhook'
import { answerWebhook } from '../answer'

/** Limit of a body. A log stream sends batches of logs. */
const maximumBytes = 2 * 1_024 * 1_024

const statuses: Record<Auth0WebhookRefusal, number> = {
  // Without a secret the app cannot verify a sender, so the endpoint does not exist.
  webhook_closed: 404,
  secret_wrong: 401,
  message_malformed: 400,
}

/** Receives Auth0's log stream or event stream, which reports what happens to users there. */
export const POST = (request: NextRequest) =>
  answerWebhook(request, maximumBytes, statuses, (body) =>
    receiveAuth0Webhook(request.headers, body, prepareForward),
  )
