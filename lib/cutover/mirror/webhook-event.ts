import { z } from 'zod'

/** https://stytch.com/docs/workspace-management/webhooks and Stytch's catalogue of event types at Svix */
export const webhookEvent = z.object({
  project_id: z.string(),
  action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
  object_type: z.string(),
  id: z.string().min(1).max(255),
})

export type WebhookEvent = z.infer<typeof webhookEvent>

/** A project that may send us messages, and the secret that signs them. */
export type Sender = {
  projectId: string
  secret: string
  /** @returns false when there is nothing to do */
  receive(event: WebhookEvent, messageId: string, now: Date): Promise<boolean>
}
