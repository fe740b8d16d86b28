import { z } from 'zod'
import type { Tenant } from '../tenant.ts'
import { userNotFound } from './errors.ts'

export const ticketSchema = z.strictObject({
  user_id: z.string().optional(),
  email: z.string().optional(),
  connection_id: z.string().optional(),
  client_id: z.string().optional(),
  result_url: z.url({ protocol: /^https?$/ }).optional(),
  ttl_sec: z.int().min(0).optional(),
  mark_email_as_verified: z.boolean().optional(),
  includeEmailInRedirect: z.boolean().optional(),
})

/** Returns a link that sets a new password, and mails nothing. */
export function createPasswordTicket(tenant: Tenant, input: z.infer<typeof ticketSchema>): string {
  const { user_id, email = '' } = input
  const { users, tickets } = tenant
  const user = user_id === undefined ? users.byEmail(email) : users.byId(user_id)
  if (!user) throw userNotFound()
  const ticket = {
    kind: 'set-password',
    userId: user.user_id,
    resultUrl: input.result_url,
    marksVerified: input.mark_email_as_verified,
  } as const
  return tickets.create(ticket, input.ttl_sec || undefined)
}
