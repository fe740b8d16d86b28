import { createHmac, randomUUID } from 'node:crypto'
import type { Member, Organization, User } from 'stytch'
import type { Clock } from '../stand-in/clock.ts'
import { timestamp } from './ids.ts'

export type Webhooks = ReturnType<typeof createWebhooks>

/** The endpoint that gets Stytch's webhooks, and the secret that signs them. */
type WebhookEndpoint = { url: string; secret: string }

type Action = 'CREATE' | 'UPDATE' | 'DELETE'

/**
 * Webhooks in the shape of the event types that Stytch publishes at Svix, which delivers them. The
 * stand-in sends each once and logs a failure. Svix retries for hours.
 * @param endpoint null sends nothing
 */
export function createWebhooks(options: {
  endpoint: WebhookEndpoint | null
  projectId: string
  vertical: 'CONSUMER' | 'B2B'
  clock: Clock
  log: (line: string) => void
}) {
  const { endpoint, projectId, vertical, clock, log } = options

  /** Sends the event after the response to the request that has made the change. */
  const changed = (objectType: string, action: Action, id: string, object: object): void => {
    if (!endpoint) return
    // Serialized now, because the object may change again before the stand-in sends the event.
    const body = JSON.stringify({
      project_id: projectId,
      event_id: `webhook-event-test-${randomUUID()}`,
      action,
      object_type: objectType,
      source: 'DIRECT',
      id,
      timestamp: timestamp(clock.now()),
      vertical,
      ...(action === 'DELETE' ? {} : { [objectType]: object }),
    })
    setImmediate(() => send(endpoint, body, log))
  }

  return {
    userChanged: (action: Action, user: User) => changed('user', action, user.user_id, user),
    memberChanged: (action: Action, member: Member) =>
      changed('member', action, member.member_id, member),
    organizationChanged: (action: Action, organization: Organization) =>
      changed('organization', action, organization.organization_id, organization),
  }
}

async function send({ url, secret }: WebhookEndpoint, body: string, log: (line: string) => void) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signedHeaders(secret, `msg_${randomUUID()}`, body),
      body,
      signal: AbortSignal.timeout(5_000),
    })
    await response.arrayBuffer()
    if (!response.ok) log(`Stytch stand-in: the webhook got status ${response.status}.`)
  } catch (error) {
    log(`Stytch stand-in: the webhook could not be delivered (${(error as Error).name}).`)
  }
}

/** The headers of a webhook that is signed now. https://docs.svix.com/receiving/verifying-payloads/how-manual */
export function signedHeaders(
  secret: string,
  id: string,
  body: string,
  seconds = Math.floor(Date.now() / 1000),
): Record<string, string> {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(seconds),
    'svix-signature': `v1,${signature}`,
  }
}
