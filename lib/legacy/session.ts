import { NextRequest } from 'next/server'
import { config } from '../config'
import type { Credentials } from '../token/credentials'
import type { Refusal } from '../token/refusal'
import type { Issuer, Registry } from '../token/registry'
import { verifyToken } from '../token/verify'
import { auth0, legacySessionSeconds } from './auth0'

/** A live session at the legacy provider. */
export type LegacySession = {
  issuer: Issuer
  subject: string
  /** Where it was found: the SDK's sealed cookie, or an access token that a client sent. */
  source: 'cookie' | 'bearer'
  /** Auth0's id of the session; an access token carries none. */
  sid: string | null
  /** From the ID token at sign-in; null for an access token, which says nothing about the person. */
  profile: { email: string; emailVerified: boolean; name: string } | null
  expiresAt: Date
  accessToken: string
  /**
   * `expired`: may be refreshed. `unusable`: opaque, or its keys could not be fetched; the session is
   * good, but cannot be carried over with this token.
   */
  tokenState: 'live' | 'expired' | 'unusable'
}

export type LegacyReading =
  | { state: 'valid'; session: LegacySession }
  | { state: 'none'; refusal: Refusal | null }

const none = (refusal: Refusal | null = null): LegacyReading => ({ state: 'none', refusal })

/** The SDK's cookies: the session, whole or in chunks, and what belongs to it. */
export const isLegacyCookie = (name: string): boolean =>
  /^(?:__session(?:__\d+)?|__FC_\d+|__txn_.*)$/.test(name)

/**
 * The legacy session of a request, verified; from the sealed cookie, or from a Bearer token.
 * @returns never throws for anything a client can send
 */
export async function readLegacySession(
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<LegacyReading> {
  if (credentials.bearer !== null) return readBearer(credentials.bearer, registry, now)

  const cookies = [...credentials.cookies].filter(([name]) => name.startsWith('__session'))
  if (cookies.length === 0) return none()
  if (cookies.some(([name]) => credentials.duplicates.has(name))) return none('duplicate_cookie')

  const session = await auth0().getSession(
    new NextRequest(config().appBaseUrl, {
      headers: { cookie: cookies.map(([name, value]) => `${name}=${value}`).join('; ') },
    }),
  )
  if (!session) return none()
  const expiresAt = new Date((session.internal.createdAt + legacySessionSeconds) * 1000)
  if (expiresAt <= now) return none('token_expired')

  // The seal is ours, so the session is. Its token is verified all the same: it decides which
  // provider the session belongs to, and it is what will be handed to Stytch.
  const { accessToken } = session.tokenSet
  const verified = await verifyToken(accessToken, registry, now)
  const issuer = verified.issuer ?? [...registry.values()].find(({ lane }) => lane === 'legacy')
  if (issuer?.lane !== 'legacy') return none('issuer_unknown')
  const subject = verified.ok ? verified.subject : verified.expired?.subject
  if (subject !== undefined && subject !== session.user.sub) return none('subject_mismatch')

  let tokenState: LegacySession['tokenState'] = 'live'
  if (!verified.ok) {
    if (verified.code === 'token_expired') tokenState = 'expired'
    else if (verified.code === 'token_opaque' || verified.code === 'keys_unavailable')
      tokenState = 'unusable'
    else return none(verified.code)
  }
  return {
    state: 'valid',
    session: {
      issuer,
      subject: session.user.sub,
      source: 'cookie',
      sid: session.internal.sid || null,
      profile: {
        email: String(session.user.email ?? ''),
        emailVerified: session.user.email_verified === true,
        name: String(session.user.name ?? ''),
      },
      expiresAt,
      accessToken,
      tokenState,
    },
  }
}

async function readBearer(token: string, registry: Registry, now: Date): Promise<LegacyReading> {
  const verified = await verifyToken(token, registry, now)
  if (!verified.ok) return none(verified.code)
  // A token of the other provider is not refused here: it is simply not a legacy one.
  if (verified.issuer.lane !== 'legacy') return none()
  return {
    state: 'valid',
    session: {
      issuer: verified.issuer,
      subject: verified.subject,
      source: 'bearer',
      sid: null,
      profile: null,
      expiresAt: verified.expiresAt,
      accessToken: token,
      tokenState: 'live',
    },
  }
}
