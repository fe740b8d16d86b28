import type { SessionData } from '@auth0/nextjs-auth0/types'
import { NextRequest } from 'next/server'
import QuickLRU from 'quick-lru'
import { config } from '../config'
import type { Credentials } from '../token/credentials'
import type { Refusal } from '../token/refusal'
import type { Issuer, Registry } from '../token/registry'
import { verifyToken } from '../token/verify'
import { auth0, legacySessionSeconds } from './auth0'
import { legacyConfig } from './config'

/** A live session at the legacy provider. */
export type LegacySession = {
  issuer: Issuer
  subject: string
  /** Auth0's id of the session; an access token carries none, unless a tenant adds it. */
  sid: string | null
  /** From the ID token at sign-in; null for an access token, which says nothing about the person. */
  profile: { email: string; emailVerified: boolean; name: string; isCurrent: boolean } | null
  /** That the person signed in with; its name where the tenant's tokens carry one, else its id. */
  organization: string | null
  /** Whether the token was issued to the product itself, and not to somebody else's client of its API. */
  isFirstParty: boolean
  expiresAt: Date
  accessToken: string
  /**
   * `expired`: may be refreshed. `unusable`: the session is good, but cannot be carried over with this token.
   */
  tokenState: 'live' | 'expired' | 'unusable'
}

export type LegacyReading =
  | { state: 'valid'; session: LegacySession }
  | { state: 'none'; refusal: Refusal | null }

const none = (refusal: Refusal | null = null): LegacyReading => ({ state: 'none', refusal })

/**
 * What an honest deployment may put into a session and we cannot check: an opaque or encrypted token, another
 * audience or algorithm, a key that has been rotated out, keys out of reach. The seal vouches for the session;
 * to end it would log people out because of a setting. A forged token is another matter.
 */
const uncheckable: ReadonlySet<Refusal> = new Set([
  'token_opaque',
  'token_malformed',
  'token_too_large',
  'issuer_unknown',
  'algorithm_not_allowed',
  'type_not_allowed',
  'audience_mismatch',
  'key_missing',
  'key_unknown',
  'keys_unavailable',
])

/** The session itself, whole or in chunks. */
export const isSessionCookie = (name: string): boolean => /^__session(?:__\d+)?$/.test(name)

/** The SDK's cookies: the session, whole or in chunks, and what belongs to it. */
export const isLegacyCookie = (name: string): boolean =>
  isSessionCookie(name) || /^(?:__FC_\d+|__txn_.*)$/.test(name)

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

  const cookies = [...credentials.cookies].filter(([name]) => isSessionCookie(name))
  if (cookies.length === 0) return none()
  // Whole and in chunks is twice as well: the SDK takes the whole one, wherever it came from.
  const isTwice = cookies.some(
    ([name]) => credentials.duplicates.has(name) || (name === '__session' && cookies.length > 1),
  )
  if (isTwice) return none('duplicate_cookie')

  const header = cookies.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const session = opened.get(header) ?? (await open(header))
  if (!session) return none()
  const expiresAt = new Date((session.internal.createdAt + legacySessionSeconds) * 1000)
  if (expiresAt <= now) return none('session_ended')

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
    else if (uncheckable.has(verified.code)) tokenState = 'unusable'
    else return none(verified.code)
  }
  return {
    state: 'valid',
    session: {
      issuer,
      subject: session.user.sub,
      // Signing in again in the same session of Auth0's is another session here.
      sid: session.internal.sid ? `${session.internal.sid} ${session.internal.createdAt}` : null,
      isFirstParty: true,
      organization: organizationOf(
        verified.ok ? verified.claims : (verified.expired?.claims ?? session.user),
      ),
      profile: {
        email: String(session.user.email ?? ''),
        emailVerified: session.user.email_verified === true,
        name: String(session.user.name ?? ''),
        // What the ID token said is news only right after the sign-in.
        isCurrent: now.getTime() - session.internal.createdAt * 1_000 < 60_000,
      },
      expiresAt,
      accessToken,
      tokenState,
    },
  }
}

/** A browser sends the same cookie with each request, and opening it is the dearest part of many. */
const opened = new QuickLRU<string, SessionData>({ maxSize: 500, maxAge: 30_000 })

/** What the SDK finds in its cookie; null when it is not one of ours. */
async function open(cookie: string): Promise<SessionData | null> {
  const request = new NextRequest(config().appBaseUrl, { headers: { cookie } })
  // It throws for some of what a stranger may put into the cookie.
  const session = await auth0()
    .getSession(request)
    .catch(() => null)
  if (!session?.internal?.createdAt || !session.tokenSet?.accessToken || !session.user?.sub)
    return null
  opened.set(cookie, session)
  return session
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
      // Not in Auth0's default profile, but a tenant can add it: then all tokens of a session are one.
      sid: typeof verified.claims.sid === 'string' ? verified.claims.sid : null,
      isFirstParty: legacyConfig().clientIds.includes(
        String(verified.claims.azp ?? verified.claims.client_id),
      ),
      organization: organizationOf(verified.claims),
      profile: null,
      expiresAt: verified.expiresAt,
      accessToken: token,
      tokenState: 'live',
    },
  }
}

/** https://auth0.com/docs/manage-users/organizations/using-tokens */
function organizationOf({ org_name, org_id }: Record<string, unknown>): string | null {
  if (typeof org_name === 'string' && org_name) return org_name
  return typeof org_id === 'string' && org_id ? org_id : null
}
