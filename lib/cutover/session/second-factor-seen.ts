import 'server-only'
import QuickLRU from 'quick-lru'
import { legacyProvider } from '../../legacy/configured-provider'
import type { LegacySession } from '../../legacy/session'
import { perProcess } from '../../per-process'
import { afterResponse } from '../events/after-response'
import { recordEvent } from '../events/record'

/** Users whose second factor this instance has recorded. Otherwise each request would add an event. */
const { value: recorded } = perProcess(
  'second-factors-seen',
  () => new QuickLRU<string, true>({ maxSize: 10_000, maxAge: 24 * 60 * 60 * 1_000 }),
)

/**
 * Records that a legacy session began with a second factor. Without the Management API, nothing else tells a later
 * sign-in at Stytch that this user has one.
 */
export function recordSecondFactor(session: LegacySession, accountId: string): void {
  const { issuer, subject } = session
  const key = `${issuer.canonicalName} ${subject}`
  if (recorded.has(key) || !legacyProvider().usedSecondFactor(session)) return
  recorded.set(key, true)
  afterResponse(() =>
    recordEvent({
      at: new Date(),
      kind: 'sign_in',
      accountId,
      issuer: issuer.canonicalName,
      subject,
      lane: 'legacy',
      result: 'kept',
      reason: 'mfa_required',
      milliseconds: 0,
      policyVersion: 0,
    }),
  )
}
