import { z } from 'zod'

/** https://stytch.com/docs/workspace-management/webhooks and Stytch's catalogue of event types at Svix */
export const webhookEvent = z.object({
  project_id: z.string(),
  action: z.enum(['CREATE', 'UPDATE', 'DELETE']),
  object_type: z.string(),
  id: z.string().min(1).max(255),
})

export type WebhookEvent = z.infer<typeof webhookEvent>
