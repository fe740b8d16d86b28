import 'server-only'
import { decodeJwt } from 'jose'
import { legacyConfig } from './config'
import { findRecord } from './management'
import type { LegacySession } from './session'

/**
 * Whether the user has a second factor at the legacy provider: the sign-in used one, or the user's record names one.
 * The record is read only where the Management API is configured. A sign-in on a remembered browser asks for no second
 * factor, so the tokens alone do not prove that there is none.
 * https://auth0.com/docs/secure/multi-factor-authentication
 * @throws {LegacyRefusal | ProviderFailure}
 */
export async function hasSecondFactor(
  session: Pick<LegacySession, 'subject' | 'idToken' | 'accessToken'>,
): Promise<boolean> {
  if ([session.idToken, session.accessToken].some(usedSecondFactor)) return true
  if (!legacyConfig().management) return false
  return (await findRecord(session.subject))?.hasSecondFactor ?? false
}

/**
 * Whether the token says that the user authenticated with several factors (RFC 8176 section 2). A sealed session or
 * its verified token has the claim, so it is not verified again.
 */
function usedSecondFactor(token: string | null): boolean {
  try {
    const { amr } = decodeJwt(token ?? '')
    return Array.isArray(amr) && amr.includes('mfa')
  } catch {
    // An opaque access token has no claims.
    return false
  }
}
