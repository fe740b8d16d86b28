import 'server-only'
import { cookies, headers } from 'next/headers'
import QuickLRU from 'quick-lru'
import { legacyProvider } from '../../legacy/configured-provider'
import { expireLegacyCookies } from '../../legacy/cookies'
import { perProcess } from '../../per-process'
import { requestTime } from '../../request/clock'
import { currentHeaders } from '../../request/current-headers'
import { readCredentials } from '../../token/credentials'
import type { AudienceLabel } from '../events/metrics'
import { recordEvent } from '../events/record'
import { sessionKeys } from '../migration/claim'
import { consumers } from '../routing/audience'
import {
  type EndedLegacy,
  endLegacySessionOf,
  type Jar,
  type LegacyLogin,
} from './end-legacy-session'
import { consumerStytchLogin, endStytchSession } from './end-stytch-session'
import type { RequestReading } from './read-request'

/** Sessions whose sign-out is recorded. A copied JWT stays valid for minutes, and must not add an event each time. */
const { value: recorded } = perProcess(
  'sign-outs',
  () => new QuickLRU<string, true>({ maxSize: 5_000, maxAge: 600_000 }),
)

export type SignOut = {
  /** The address that ends the session at the legacy provider too. Null when the browser need not go there. */
  logoutUrl: string | null
  /** False when a copy of the session may still be used: neither the database nor the provider could end it. */
  isComplete: boolean
}

/**
 * Ends the sessions of this browser on both lanes. A dormant legacy session would otherwise sign the user in again.
 * Each session is recorded as ended before its provider is asked. Never throws.
 */
export async function finishSignOut(reading: RequestReading): Promise<SignOut> {
  const [jar, received] = await Promise.all([cookies(), headers()])
  const now = requestTime(received)
  const current = currentHeaders(received, jar)
  const [isStytchEnded, { hadLegacy, isLegacyEnded }] = await Promise.all([
    endStytchSession(consumerStytchLogin, readCredentials(current), 'signed_out', now),
    endLegacySession(received, jar, now),
  ])
  await recordSignOut(reading, now)
  return {
    logoutUrl: hadLegacy ? legacyProvider().logoutUrl() : null,
    isComplete: isStytchEnded && isLegacyEnded,
  }
}

const consumerLogin: LegacyLogin = {
  audience: consumers,
  keysOf: (session) => sessionKeys(session),
  revoke: (session) => legacyProvider().endSession(session),
  expireCookies: expireLegacyCookies,
}

/** Ends the legacy session of this browser, and deletes its cookies. */
export const endLegacySession = (received: Headers, jar: Jar, now: Date): Promise<EndedLegacy> =>
  endLegacySessionOf(consumerLogin, received, jar, now)

/** Records a sign-out, once for each session. */
export async function recordSignOut(
  reading: Pick<RequestReading, 'session' | 'account' | 'policyVersion'>,
  now: Date,
  user: AudienceLabel = 'consumer',
): Promise<void> {
  const { session } = reading
  if (!session) return
  const key = `${session.issuer} ${session.subject} ${session.expiresAt.getTime()}`
  if (recorded.has(key)) return
  recorded.set(key, true)
  await recordEvent(
    {
      at: now,
      kind: 'sign_out',
      accountId: (await reading.account().catch(() => null))?.id ?? null,
      issuer: session.issuer,
      subject: session.subject,
      lane: 'anonymous',
      result: 'signed_out',
      reason: session.lane,
      milliseconds: 0,
      policyVersion: reading.policyVersion,
    },
    user,
  )
}
