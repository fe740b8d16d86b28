import type { Clock } from './clock.ts'

/** An e-mail that the real service would have sent. */
export type Message = {
  to: string
  kind: string
  code: string | null
  link: string | null
  at: string
}

/** A demo that runs for weeks must not fill the memory. */
const maxMessages = 10_000

export function createInbox(clock: Clock) {
  const messages: Message[] = []

  return {
    deliver(message: { to: string; kind: string; code?: string; link?: string }) {
      const { to, kind, code = null, link = null } = message
      messages.push({ to, kind, code, link, at: clock.iso() })
      if (messages.length > maxMessages) messages.shift()
    },
    /** Oldest first. */
    list: (): Message[] => [...messages],
    clear() {
      messages.length = 0
    },
  }
}
