import 'server-only'
import { decodeJwt } from 'jose'
import { auth0Config } from '../config'
import type { LegacySession } from '../session'
import { findRecord, findRecordsByEmail } from './management'

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
  if (usedSecondFactor(session)) return true
  if (!auth0Config().management) return false
  return (await findRecord(session.subject))?.hasSecondFactor ?? false
}

/**
 * The legacy subject that has a second factor by its record. Null if there is none, or without the Management API.
 * A record with an unverified address counts only by its subject. An attacker could make one with a stranger's address.
 * @param email its records count too, since this app may not know them yet
 * @throws {LegacyRefusal | ProviderFailure}
 */
export async function findSecondFactor(
  subjects: string[],
  email: string | null,
): Promise<string | null> {
  if (!auth0Config().management) return null
  const found = email === null ? [] : await findRecordsByEmail(email)
  const others = subjects.filter((subject) => found.every(({ id }) => id !== subject))
  const records = [
    ...found.filter(({ id, emailVerified }) => emailVerified || subjects.includes(id)),
    ...(await Promise.all(others.map(findRecord))),
  ]
  return records.find((record) => record?.hasSecondFactor)?.id ?? null
}

/** Whether this session began with a second factor. */
export const usedSecondFactor = ({
  idToken,
  accessToken,
}: Pick<LegacySession, 'idToken' | 'accessToken'>): boolean =>
  [idToken, accessToken].some(namesSecondFactor)

/**
 * Whether the token says that the user authenticated with several factors (RFC 8176 section 2). A sealed session or
 * its verified token has the claim, so it is not verified again.
 */
function namesSecondFactor(token: string | null): boolean {
  try {
    const { amr } = decodeJwt(token ?? '')
    return Array.isArray(amr) && amr.includes('mfa')
  } catch {
    // An opaque access token has no claims.
    return false
  }
}
