import { createHmac, randomUUID } from 'node:crypto'
import type { User } from 'stytch'
import type { Clock } from '../stand-in/clock.ts'
import { timestamp } from './ids.ts'

export type Webhooks = ReturnType<typeof createWebhooks>

/** The endpoint that gets Stytch's webhooks, and the secret that signs them. */
type WebhookEndpoint = { url: string; secret: string }

/**
 * Webhooks in the shape of the event types that Stytch publishes at Svix, which delivers them. The
 * stand-in sends each once and logs a failure. Svix retries for hours.
 * @param endpoint null sends nothing
 */
export function createWebhooks(options: {
  endpoint: WebhookEndpoint | null
  projectId: string
  clock: Clock
  log: (line: string) => void
}) {
  const { endpoint, projectId, clock, log } = options

  return {
    /** Sends the event after the response to the request that has made the change. */
    userChanged(action: 'CREATE' | 'UPDATE' | 'DELETE', user: User): void {
      if (!endpoint) return
      // Serialized now, because the user may change again before the stand-in sends the event.
      const body = JSON.stringify({
        project_id: projectId,
        event_id: `webhook-event-test-${randomUUID()}`,
        action,
        object_type: 'user',
        source: 'DIRECT',
        id: user.user_id,
        timestamp: timestamp(clock.now()),
        vertical: 'CONSUMER',
        ...(action === 'DELETE' ? {} : { user }),
      })
      setImmediate(() => send(endpoint, body, log))
    },
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
