import 'server-only'
import { cookies, headers } from 'next/headers'
import { cache } from 'react'
import { requestTime } from '../../request/clock'
import { currentHeaders } from '../../request/current-headers'
import type { RequestKind } from '../../request/kind'
import { readCredentials } from '../../token/credentials'
import { type Flag, flagCookieName, flagOf } from '../cohort/flag-cookie'
import { policyInForce } from '../policy/store'
import { type Addressee, type Assessment, assess } from './assess'

/**
 * Assesses the current request again, in Node, from its cookies and headers. The middleware only routes: pages,
 * actions and route handlers are guarded by this. A server action sees the cookies that it has set.
 */
export async function assessCurrentRequest(
  kind: RequestKind,
  addressee: Addressee = {},
): Promise<Assessment> {
  const received = await headers()
  const current = currentHeaders(received, await cookies())
  return assess(current, kind, await policyInForce(), requestTime(received), addressee)
}

/** The same, once for all components of a page. Outside of a page, each call assesses again. */
export const assessPageOnce = cache(assessCurrentRequest)

/** The flag cookie of this browser. Null for a new visitor. */
export async function currentFlag(name = flagCookieName): Promise<Flag | null> {
  const [received, jar] = await Promise.all([headers(), cookies()])
  return flagOf(readCredentials(currentHeaders(received, jar)), name)
}
