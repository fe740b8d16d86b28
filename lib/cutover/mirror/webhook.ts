import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { findAccount } from '../../account/account'
import { config } from '../../config'
import { stytchIssuerName } from '../../stytch/issuer'
import { cutoverConfig } from '../config'
import { mirrorChange } from './enqueue'
import type { MirrorJob } from './queue'

/** How far the clock of a message may be from ours, either way. In seconds. */
const toleranceSeconds = 5 * 60

/** Why a message was not taken. The codes are stable: they are in answers and tests. */
export type WebhookRefusal =
  | 'webhook_closed'
  | 'signature_missing'
  | 'signature_invalid'
  | 'message_too_old'
  | 'message_malformed'
  | 'project_unknown'

export type WebhookAnswer =
  | { taken: true; result: 'enqueued' | 'ignored' }
  | { taken: false; code: WebhookRefusal }

/** https://stytch.com/docs/workspace-management/webhooks and Stytch's catalogue of event types at Svix */
const eventSchema = z.object({
  project_id: z.string(),
  action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
  object_type: z.string(),
  id: z.string().min(1).max(255),
})

const changes: Record<'UPDATE' | 'DELETE', MirrorJob['change']> = {
  UPDATE: 'changed',
  DELETE: 'deleted',
}

/**
 * Takes a message of Stytch's webhooks. Of what it says only whose user changed is used, and Stytch is
 * asked for the rest when the job runs: messages come late, twice and in any order.
 *
 * A message about a user whom nobody has seen here changes nothing. That includes every CREATE: whoever
 * types an address into the login makes a user at Stytch, and must not make its owner get a mail.
 *
 * @param body as it came, byte for byte
 * @throws {DatabaseUnavailable} and driver errors: then the message must come again
 */
export async function receiveWebhook(
  headers: { get(name: string): string | null },
  body: string,
  now: Date,
): Promise<WebhookAnswer> {
  const refuse = (code: WebhookRefusal): WebhookAnswer => ({ taken: false, code })
  const { webhookSecret } = cutoverConfig()
  const { projectId } = config().stytch
  if (!webhookSecret) return refuse('webhook_closed')

  const id = headers.get('svix-id')
  const timestamp = headers.get('svix-timestamp')
  const signatures = headers.get('svix-signature')
  if (!id || !timestamp || !signatures) return refuse('signature_missing')
  if (!isSigned(webhookSecret, `${id}.${timestamp}.${body}`, signatures)) {
    return refuse('signature_invalid')
  }
  // Only now: an answer about the clock is for those who hold the secret.
  const age = Math.abs(now.getTime() / 1_000 - Number(timestamp))
  if (!/^\d{1,12}$/.test(timestamp) || age > toleranceSeconds) return refuse('message_too_old')

  const event = eventSchema.safeParse(parseJson(body)).data
  if (!event) return refuse('message_malformed')
  if (event.project_id !== projectId) return refuse('project_unknown')
  if (event.object_type !== 'user' || event.action === 'CREATE') return ignored

  const account = await findAccount({ issuer: stytchIssuerName(), subject: event.id })
  if (!account) return ignored
  const job = { accountId: account.id, userId: event.id, change: changes[event.action] }
  await mirrorChange(job, id)
  return { taken: true, result: 'enqueued' }
}

const ignored: WebhookAnswer = { taken: true, result: 'ignored' }

/**
 * One signature of a list has to fit: while a secret is being replaced, there are two.
 * https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
function isSigned(secret: string, content: string, signatures: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(content).digest()
  return signatures
    .split(' ')
    .slice(0, 8)
    .some((each) => {
      const [version, signature = ''] = each.split(',', 2)
      const given = Buffer.from(signature, 'base64')
      return (
        version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
      )
    })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
