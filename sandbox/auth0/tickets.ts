import { randomBytes } from 'node:crypto'
import type { Clock } from '../stand-in/clock.ts'

/** The purpose of a link in a mail: to set a password, or to verify the e-mail address. */
type Ticket = {
  kind: 'set-password' | 'verify-email'
  userId: string
  /** Where the browser goes after the password is set. */
  resultUrl?: string
  /** Setting the password verifies the address too. */
  marksVerified?: boolean
}

const defaultLifetimeSeconds = 5 * 86_400

export type Tickets = ReturnType<typeof createTickets>

export function createTickets(issuer: string, clock: Clock) {
  const tickets = new Map<string, Ticket & { expiresAt: number }>()

  return {
    /** Returns the link. */
    create(ticket: Ticket, lifetimeSeconds = defaultLifetimeSeconds): string {
      const id = randomBytes(24).toString('base64url')
      tickets.set(id, { ...ticket, expiresAt: clock.now() + lifetimeSeconds * 1000 })
      const page = ticket.kind === 'set-password' ? 'reset-password' : 'verify-email'
      return `${issuer}u/${page}?ticket=${id}`
    },
    find(kind: Ticket['kind'], id: string): Ticket | undefined {
      const ticket = tickets.get(id)
      return ticket?.kind === kind && ticket.expiresAt > clock.now() ? ticket : undefined
    },
    remove: (id: string) => tickets.delete(id),
    clear: () => tickets.clear(),
  }
}
