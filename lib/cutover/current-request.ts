import 'server-only'
import { cookies, headers } from 'next/headers'
import { requestTime } from '../clock'
import type { RequestKind } from '../request-kind'
import { type Assessment, assess } from './assess'
import { policyInForce } from './policy-store'

/**
 * Assesses the current request again, in Node, from its own cookies and headers: the middleware routes, and
 * this is the guard. In a server action it sees the cookies that the action has set.
 */
export async function assessCurrentRequest(kind: RequestKind): Promise<Assessment> {
  const [received, jar] = await Promise.all([headers(), cookies()])
  const current = new Headers(received)
  const names = (received.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.split('=', 1)[0]?.trim())
  // The jar knows each name once. Where the request had one twice, its own header must be judged.
  if (new Set(names).size === names.length) {
    const pairs = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
    current.set('cookie', pairs.join('; '))
  }
  return assess(current, kind, await policyInForce(), requestTime(received))
}
