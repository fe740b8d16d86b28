import 'server-only'
import { cookies, headers } from 'next/headers'
import QuickLRU from 'quick-lru'
import { errorText } from '../../error-text'
import { expireLegacyCookies } from '../../legacy/cookies'
import { isSessionCookie, readLegacySession } from '../../legacy/session'
import { legacyLogoutUrl, revokeLegacySession } from '../../legacy/sign-out'
import { perProcess } from '../../per-process'
import { requestTime } from '../../request/clock'
import { currentHeaders } from '../../request/current-headers'
import { endDuplicateSessions, endSession, sessionToEnd } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession } from '../../stytch/session'
import { readCredentials } from '../../token/credentials'
import { recordEvent } from '../events/record'
import { endClaim, sessionKeys } from '../migration/claim'
import { revokeLater } from '../revocation/jobs'
import { registry } from '../routing/registry'
import type { RequestReading } from './read-request'

/** Sessions whose sign-out is recorded. A copied JWT stays valid for minutes, and must not add an event each time. */
const { value: recorded } = perProcess(
  'sign-outs',
  () => new QuickLRU<string, true>({ maxSize: 5_000, maxAge: 600_000 }),
)

export type SignOut = {
  /** The address that ends the session at Auth0 too. Null when the browser had no legacy session. */
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
  const [isStytchEnded, { hadLegacy, isLegacyEnded }] = await Promise.all([
    endCurrentStytchSession(currentHeaders(received, jar), now),
    endLegacySession(received, jar, now),
  ])
  await recordSignOut(reading, now)
  return {
    logoutUrl: hadLegacy ? legacyLogoutUrl() : null,
    isComplete: isStytchEnded && isLegacyEnded,
  }
}

type Jar = Awaited<ReturnType<typeof cookies>>

async function endCurrentStytchSession(current: Headers, now: Date): Promise<boolean> {
  const credentials = readCredentials(current)
  const reading = await readStytchSession(credentials, registry(), now)
  const session = sessionToEnd(reading, stytchIssuerName(), now)
  if (session) return endSession(session, 'signed_out', now, revokeLater(session))
  const issuers = { registry: registry(), issuer: stytchIssuerName() }
  return endDuplicateSessions(credentials, issuers, now, revokeLater)
}

/** Ends the legacy session of this browser, and deletes its cookies. */
export async function endLegacySession(
  received: Headers,
  jar: Jar,
  now: Date,
): Promise<{ hadLegacy: boolean; isLegacyEnded: boolean }> {
  const hadLegacy = jar.getAll().some(({ name }) => isSessionCookie(name))
  const legacy = await readLegacySession(readCredentials(received), registry(), now)
  let isLegacyEnded = true
  if (legacy.state === 'valid') {
    // This also stops a migration in progress, because its request finds that the claim has ended.
    isLegacyEnded = await endClaim(await sessionKeys(legacy.session), now).then(
      () => true,
      (error: Error) => {
        console.error(`sign-out: the claim could not be ended: ${errorText(error)}`)
        return false
      },
    )
  }
  if (hadLegacy) await revokeLegacySession()
  expireLegacyCookies(jar)
  return { hadLegacy, isLegacyEnded }
}

async function recordSignOut(reading: RequestReading, now: Date): Promise<void> {
  const { session } = reading
  if (!session) return
  const key = `${session.issuer} ${session.subject} ${session.expiresAt.getTime()}`
  if (recorded.has(key)) return
  recorded.set(key, true)
  await recordEvent({
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
  })
}
