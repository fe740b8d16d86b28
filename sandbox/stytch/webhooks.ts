import { createHmac, randomUUID } from 'node:crypto'
import type { User } from 'stytch'
import { timestamp } from './ids.ts'
import type { Project } from './project.ts'

/** Where Stytch's webhooks go, and the secret that Svix, which sends them, signs with. */
export type WebhookEndpoint = { url: string; secret: string }

/**
 * Tells the endpoint that a user was made, changed or deleted, in the shape of the event types that Stytch
 * publishes at Svix. Sent once, after the answer to whoever made the change; a failure is only logged, where
 * the real one would try again for hours.
 */
export function tellWebhook(
  project: Project,
  action: 'CREATE' | 'UPDATE' | 'DELETE',
  user: User,
): void {
  const endpoint = project.webhook
  if (!endpoint) return
  // Now, since the user may be changed again before it is sent.
  const body = JSON.stringify({
    project_id: project.projectId,
    event_id: `webhook-event-test-${randomUUID()}`,
    action,
    object_type: 'user',
    source: 'DIRECT',
    id: user.user_id,
    timestamp: timestamp(project.control.clock.now()),
    vertical: 'CONSUMER',
    ...(action === 'DELETE' ? {} : { user }),
  })
  setImmediate(() => send(endpoint, `msg_${randomUUID()}`, body))
}

/** The headers of a message that is signed now. https://docs.svix.com/receiving/verifying-payloads/how-manual */
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

async function send({ url, secret }: WebhookEndpoint, id: string, body: string): Promise<void> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signedHeaders(secret, id, body),
      body,
      signal: AbortSignal.timeout(5_000),
    })
    await response.arrayBuffer()
    if (!response.ok) console.error(`stytch: the webhook was refused: status ${response.status}`)
  } catch (error) {
    console.error(`stytch: the webhook could not be delivered: ${(error as Error).name}`)
  }
}
