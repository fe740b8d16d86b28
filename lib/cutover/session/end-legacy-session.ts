import 'server-only'
import type { cookies } from 'next/headers'
import { errorText } from '../../error-text'
import type { LegacySession } from '../../legacy/session'
import { readCredentials } from '../../token/credentials'
import { endClaim, type SessionKeys } from '../migration/claim'
import type { Audience } from '../routing/audience'

export type Jar = Awaited<ReturnType<typeof cookies>>

/** One of the legacy logins: that of the consumers, or that of the teams. */
export type LegacyLogin = {
  audience: Audience
  keysOf(session: LegacySession): Promise<SessionKeys>
  /** Ends the session at the provider. Never throws. @param session null if it could not be read */
  revoke(session: LegacySession | null): Promise<void>
  expireCookies(jar: Jar): void
}

export type EndedLegacy = { hadLegacy: boolean; isLegacyEnded: boolean }

/** Ends the legacy session of a login in this browser, and deletes its cookies. The other login keeps its own. */
export async function endLegacySessionOf(
  { audience, keysOf, revoke, expireCookies }: LegacyLogin,
  received: Headers,
  jar: Jar,
  now: Date,
): Promise<EndedLegacy> {
  const hadLegacy = jar.getAll().some(({ name }) => audience.isLegacyCookie(name))
  const credentials = readCredentials(received)
  const legacy = await audience.readLegacy(credentials, audience.registry(), now)
  let isLegacyEnded = true
  if (legacy.state === 'valid') {
    // This also stops a migration in progress, because its request finds that the claim has ended.
    isLegacyEnded = await endClaim(await keysOf(legacy.session), now).then(
      () => true,
      (error: Error) => {
        console.error(`sign-out: the claim could not be ended: ${errorText(error)}`)
        return false
      },
    )
  }
  if (hadLegacy) await revoke(legacy.state === 'valid' ? legacy.session : null)
  expireCookies(jar)
  return { hadLegacy, isLegacyEnded }
}
