import 'server-only'
import { cookies } from 'next/headers'
import { flagCookie } from '../cohort/flag-cookie'
import type { Flow } from '../policy/document'
import { assessCurrentRequest, currentFlag } from './current-request'

/** The flow that this device is pinned to, or null. */
export async function devicePin(): Promise<Flow | null> {
  return (await currentFlag())?.pin ?? null
}

/**
 * Pins this device to a flow, for somebody who tests it; null takes the pin away. It is kept in the sealed
 * flag cookie and so outlives a sign-out. Counts in a rolling policy only: "nobody" and "everybody" mean it.
 * Only from a server action, and only for an operator: whoever calls it has seen to that.
 */
export async function pinDevice(pin: Flow | null): Promise<void> {
  const { flag } = await assessCurrentRequest('action')
  const jar = await cookies()
  jar.set(await flagCookie({ ...flag, pin }))
  // Assessed again with the new cookie: the flow that follows from the pin is written down with it.
  const { flag: decided } = await assessCurrentRequest('action')
  jar.set(await flagCookie(decided))
}
