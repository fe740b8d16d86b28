import 'server-only'
import { cookies } from 'next/headers'
import { flagCookie } from '../cohort/flag-cookie'
import type { Flow } from '../policy/document'
import { assessCurrentRequest, currentFlag } from './current-request'

export async function devicePin(): Promise<Flow | null> {
  return (await currentFlag())?.pin ?? null
}

/**
 * Pins this device to a flow, so that an operator can test it. Null removes the pin. The flag cookie keeps the pin
 * over a sign-out. It counts under a rolling policy only.
 * Call it from a server action, after a check that the user is an operator.
 */
export async function pinDevice(pin: Flow | null): Promise<void> {
  const { flag } = await assessCurrentRequest('action')
  const jar = await cookies()
  jar.set(await flagCookie({ ...flag, pin }))
  // Assesses the request again with the new cookie, so that the cookie holds the flow of the pin.
  const { flag: decided } = await assessCurrentRequest('action')
  jar.set(await flagCookie(decided))
}
