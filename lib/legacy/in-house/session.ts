import { isNumericDate } from '../../token/claims'
import { type Credentials, maximumCandidates, valuesOf } from '../../token/credentials'
import type { Refusal } from '../../token/refusal'
import type { Registry } from '../../token/registry'
import { verifyToken } from '../../token/verify'
import type { LegacyReading } from '../session'

/** The cookie of the in-house login. */
export const sessionCookieName = '__session'

export const isSessionCookie = (name: string): boolean => name === sessionCookieName

const none = (refusal: Refusal | null = null): LegacyReading => ({ state: 'none', refusal })

/**
 * Reads and verifies the session of a request, from the cookie or from a Bearer token. The two have the same form.
 * @returns never throws for anything that a client can send
 */
export async function readInHouseSession(
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<LegacyReading> {
  if (credentials.bearer !== null) return readToken(credentials.bearer, registry, now)
  const values = valuesOf(credentials, sessionCookieName)
  if (values.length > maximumCandidates) return none('duplicate_cookie')
  const readings = await Promise.all(values.map((value) => readToken(value, registry, now)))
  // A site on a sibling subdomain can plant a cookie of this name. With two genuine sessions the app cannot know which
  // one is meant, so it refuses both.
  const [genuine, another] = readings.filter(({ state }) => state === 'valid')
  if (genuine && !another) return genuine
  if (values.length > 1) return none('duplicate_cookie')
  const [only] = readings
  // A cookie that another program set is no reason to refuse the request.
  const hasEnded = only?.state === 'none' && only.refusal === 'token_expired'
  return none(hasEnded ? 'session_ended' : null)
}

async function readToken(token: string, registry: Registry, now: Date): Promise<LegacyReading> {
  const verified = await verifyToken(token, registry, now)
  if (!verified.ok) return none(verified.code)
  const { claims, issuer, subject, expiresAt } = verified
  // A token of the other provider is no reason to refuse the request.
  if (issuer.lane !== 'legacy') return none()
  if (typeof claims.sid !== 'string' || !isNumericDate(claims.iat)) return none('claim_invalid')
  const startedAt = new Date(claims.iat * 1_000)
  return {
    state: 'valid',
    session: {
      issuer,
      subject,
      sid: claims.sid,
      profile: {
        email: String(claims.email ?? ''),
        emailVerified: claims.email_verified === true,
        name: String(claims.name ?? ''),
        // The profile is that of the sign-in, so it is current only for a short time.
        isCurrent: now.getTime() - startedAt.getTime() < 60_000,
      },
      organization: null,
      organizationId: null,
      // Nobody else gets sessions of this login.
      isFirstParty: true,
      startedAt,
      signedInAt: startedAt,
      expiresAt,
      sealedUntil: null,
      accessToken: token,
      idToken: null,
      tokenState: 'live',
    },
  }
}
