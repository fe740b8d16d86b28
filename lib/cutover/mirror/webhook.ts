import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { findAccount } from '../../account/account'
import { config } from '../../config'
import { stytchIssuerName } from '../../stytch/issuer'
import { cutoverConfig } from '../config'
import { mirrorChange } from './enqueue'
import { memberSenders } from './members'
import type { UserJob } from './queue'
import { type Sender, type WebhookEvent, webhookEvent } from './webhook-event'

/** Maximum age of a message, and maximum difference of a clock that is ahead of ours. In seconds. */
const toleranceSeconds = 5 * 60

/** Reasons to refuse a message. The codes are stable, because responses and tests contain them. */
export type WebhookRefusal =
  | 'webhook_closed'
  | 'signature_missing'
  | 'signature_invalid'
  | 'message_too_old'
  | 'message_malformed'
  | 'project_unknown'

export type WebhookAnswer =
  | {
      accepted: true
      result: 'enqueued' | 'ignored'
      /** Set when Stytch has deleted this user, so that their sessions must end. */
      deletedUserId?: string
    }
  | { accepted: false; code: WebhookRefusal }

/** The senders whose secret is set. A secret signs for its own project only. */
function senders(): Sender[] {
  const users = {
    projectId: config().stytch.projectId,
    secret: cutoverConfig().webhookSecret,
    receive: receiveUserEvent,
  }
  return [users, ...memberSenders()].filter(({ secret }) => secret !== '')
}

/** Whether a secret is set, so that messages can be verified. */
export const webhookIsOpen = (): boolean => senders().length > 0

const changes: Record<'UPDATE' | 'DELETE', UserJob['change']> = {
  UPDATE: 'changed',
  DELETE: 'deleted',
}

/**
 * Receives a webhook message from Stytch and enqueues a job. Only the user id of the message counts, and the job
 * reads the user from Stytch: messages arrive late, twice and in any order.
 *
 * A message about a user without an account is ignored, and so is every CREATE. Anybody can create a Stytch user by
 * typing an address into the login. Its owner must not get a mail for that.
 *
 * @param body unchanged, as the signature covers each byte
 * @param isLedByLegacy whether an update of this user must not be mirrored. The route passes that of the forward writes
 * @throws {DatabaseUnavailable} and driver errors. The route must then answer with an error, so that Stytch retries.
 */
export async function receiveWebhook(
  headers: { get(name: string): string | null },
  body: string,
  now: Date,
  isLedByLegacy: ((userId: string) => Promise<boolean>) | null = null,
): Promise<WebhookAnswer> {
  const refuse = (code: WebhookRefusal): WebhookAnswer => ({ accepted: false, code })
  const open = senders()
  if (open.length === 0) return refuse('webhook_closed')

  const id = headers.get('svix-id')
  const timestamp = headers.get('svix-timestamp')
  const signatures = headers.get('svix-signature')
  if (!id || !timestamp || !signatures) return refuse('signature_missing')
  const signers = open.filter(({ secret }) =>
    hasValidSignature(secret, `${id}.${timestamp}.${body}`, signatures),
  )
  if (signers.length === 0) return refuse('signature_invalid')
  // Checked after the signature, so that only a sender with the secret learns about our clock.
  const age = Math.abs(now.getTime() / 1_000 - Number(timestamp))
  if (!/^\d{1,12}$/.test(timestamp) || age > toleranceSeconds) return refuse('message_too_old')

  const event = webhookEvent.safeParse(parseJson(body)).data
  if (!event) return refuse('message_malformed')
  const sender = signers.find(({ projectId }) => projectId === event.project_id)
  if (!sender) return refuse('project_unknown')
  const isUpdate = event.object_type === 'user' && event.action === 'UPDATE'
  if (isUpdate && (await isLedByLegacy?.(event.id))) return { accepted: true, result: 'ignored' }
  if (!(await sender.receive(event, id, now))) return { accepted: true, result: 'ignored' }
  const isUser = event.object_type === 'user' && event.action === 'DELETE'
  return { accepted: true, result: 'enqueued', ...(isUser && { deletedUserId: event.id }) }
}

async function receiveUserEvent(event: WebhookEvent, messageId: string): Promise<boolean> {
  if (event.object_type !== 'user' || event.action === 'CREATE') return false
  const account = await findAccount({ issuer: stytchIssuerName(), subject: event.id })
  // An unproved address has no record at the legacy provider.
  if (!account?.provedEmail) return false
  const job = { accountId: account.id, userId: event.id, change: changes[event.action] }
  await mirrorChange(job, messageId)
  return true
}

/**
 * Checks the signatures. One of them must match, because a message has two while its secret is rotated.
 * https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
function hasValidSignature(secret: string, content: string, signatures: string): boolean {
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
