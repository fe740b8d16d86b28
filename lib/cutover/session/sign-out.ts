import 'server-only'
import { cookies, headers } from 'next/headers'
import QuickLRU from 'quick-lru'
import { errorText } from '../../error-text'
import { expireLegacyCookies } from '../../legacy/cookies'
import { isSessionCookie, readLegacySession } from '../../legacy/session'
import { legacyLogoutUrl, revokeLegacySession } from '../../legacy/sign-out'
import { perProcess } from '../../per-process'
import { requestTime } from '../../request/clock'
import { readCredentials } from '../../token/credentials'
import { recordEvent } from '../events/record'
import { endClaim, sessionKeys } from '../migration/claim'
import { registry } from '../routing/registry'
import type { RequestReading } from './read-request'

/** Sessions whose sign-out is recorded. A copied JWT stays valid for minutes, and must not add an event each time. */
const { value: recorded } = perProcess(
  'sign-outs',
  () => new QuickLRU<string, true>({ maxSize: 5_000, maxAge: 600_000 }),
)

/**
 * Ends the legacy session of this browser. It would sign the user in again otherwise.
 * @returns the address that ends the session at Auth0 too. Null when the browser had no legacy session.
 */
export async function finishSignOut(reading: RequestReading): Promise<string | null> {
  const [jar, received] = await Promise.all([cookies(), headers()])
  const now = requestTime(received)
  const hadLegacy = jar.getAll().some(({ name }) => isSessionCookie(name))
  const legacy = await readLegacySession(readCredentials(received), registry(), now)
  if (legacy.state === 'valid') {
    // This also stops a migration in progress, because its request finds that the claim has ended.
    await endClaim(await sessionKeys(legacy.session), now).catch((error: Error) =>
      console.error(`sign-out: the claim could not be ended: ${errorText(error)}`),
    )
  }
  if (hadLegacy) await revokeLegacySession()
  expireLegacyCookies(jar)
  await recordSignOut(reading, now)
  return hadLegacy ? legacyLogoutUrl() : null
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
