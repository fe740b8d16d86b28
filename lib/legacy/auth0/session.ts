import type { Auth0Client } from '@auth0/nextjs-auth0/server'
import type { SessionData } from '@auth0/nextjs-auth0/types'
import { decodeProtectedHeader } from 'jose'
import { NextRequest } from 'next/server'
import QuickLRU from 'quick-lru'
import { config } from '../../config'
import { isNumericDate, isSubject } from '../../token/claims'
import type { Credentials } from '../../token/credentials'
import { maximumTokenBytes } from '../../token/jwt'
import type { Refusal } from '../../token/refusal'
import type { Registry } from '../../token/registry'
import { verifyToken } from '../../token/verify'
import { auth0Config } from '../config'
import type { LegacyReading, LegacySession } from '../session'
import { auth0 } from './auth0'
import { type SessionCookies, sessionCandidates } from './duplicate-cookies'
import { sessionCookieName } from './settings'

const none = (refusal: Refusal | null = null): LegacyReading & { state: 'none' } => ({
  state: 'none',
  refusal,
})

/**
 * Refusals of the token inside a sealed session that do not end the session. The settings of a tenant can cause them,
 * such as another audience or a rotated key. The seal alone proves the session, so a setting must not log users out.
 * The app does not trust such a token and does not migrate it. A forged token ends the session.
 */
const unverifiable: ReadonlySet<Refusal> = new Set([
  'token_opaque',
  'token_malformed',
  'token_too_large',
  'issuer_unknown',
  'algorithm_not_allowed',
  'type_not_allowed',
  'audience_mismatch',
  'key_missing',
  'key_unknown',
  'key_too_weak',
  'keys_unavailable',
])

/**
 * Whether a token is opaque by its form. Auth0 issues such a token when the login names no audience: a random text, or
 * a JWT that is encrypted for Auth0 itself (RFC 7516). A signed JWT is never opaque, however wrong it is.
 * https://auth0.com/docs/secure/tokens/access-tokens
 */
function isOpaque(token: string): boolean {
  if (token.length > maximumTokenBytes) return false
  const segments = token.split('.')
  if (segments.length === 1) return /^[\w~+/=-]{16,}$/.test(token)
  try {
    return segments.length === 5 && 'enc' in decodeProtectedHeader(token)
  } catch {
    return false
  }
}

/** One of the product's logins at the legacy provider: its session cookie, and the SDK that opens the cookie. */
export type LegacyLogin = {
  cookieName: string
  sdk: () => Auth0Client
  /** The clients whose tokens the product itself issued to its users. */
  clientIds: readonly string[]
}

/** Whether this is a session cookie, whole or a chunk of it. */
export const isCookieOf = (cookieName: string, name: string): boolean =>
  name === cookieName ||
  (name.startsWith(`${cookieName}__`) && /^\d+$/.test(name.slice(cookieName.length + 2)))

export const isSessionCookie = (name: string): boolean => isCookieOf(sessionCookieName, name)

/** Whether the SDK sets this cookie. It sets cookies for the session, connected accounts and pending logins. */
export const isLegacyCookie = (name: string): boolean =>
  isSessionCookie(name) || /^(?:__FC_\d+|__txn_.*)$/.test(name)

/**
 * Reads and verifies the legacy session of a request, from the sealed cookie or from a Bearer token.
 * @returns never throws for anything that a client can send
 */
export const readLegacySession = (
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<LegacyReading> =>
  readSession(
    { cookieName: sessionCookieName, sdk: auth0, clientIds: auth0Config().clientIds },
    credentials,
    registry,
    now,
  )

/** A reading with the claims about the organization: those of the verified token, or else of the sealed session. */
export type SessionReading =
  | { state: 'valid'; session: LegacySession; claims: Record<string, unknown> }
  | { state: 'none'; refusal: Refusal | null }

/** Like {@link readLegacySession}, for any login of the product. */
export async function readSession(
  login: LegacyLogin,
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<SessionReading> {
  if (credentials.bearer !== null) return readBearer(login, credentials.bearer, registry, now)

  const cookies = [...credentials.cookies].filter(([name]) => isCookieOf(login.cookieName, name))
  if (cookies.length === 0) return none()
  // A whole cookie beside chunks is a duplicate too, because the SDK would read only the whole one.
  const isDuplicate = cookies.some(
    ([name]) =>
      credentials.duplicates.has(name) || (name === login.cookieName && cookies.length > 1),
  )
  const session = isDuplicate ? null : await openedSession(login, cookies)
  if (session) return readSealed(session, registry, now)
  if (cookies.length === 1 && !isDuplicate) return none()

  const candidates = sessionCandidates(
    credentials,
    login.cookieName,
    cookies.map(([name]) => name),
  )
  const opened = await Promise.all((candidates ?? []).map((each) => openedSession(login, each)))
  // With two genuine sessions the app cannot know which one is meant, so it refuses both.
  const [genuine, another] = opened.filter((each) => each !== null)
  if (genuine && !another) return readSealed(genuine, registry, now)
  return none(isDuplicate ? 'duplicate_cookie' : null)
}

/** Checks an opened session, and the access token in it. */
async function readSealed(
  session: SessionData,
  registry: Registry,
  now: Date,
): Promise<SessionReading> {
  const endsAt = session.internal.createdAt + auth0Config().sessionSeconds
  if (!isNumericDate(endsAt) || !isSubject(session.user.sub)) return none('claim_invalid')
  const expiresAt = new Date(endsAt * 1_000)
  if (expiresAt <= now) return none('session_ended')

  // The seal is ours, so the session is genuine. The token inside is verified too, because the migration sends it to
  // Stytch, and because its issuer decides the lane.
  const { accessToken } = session.tokenSet
  const verified = await verifyToken(accessToken, registry, now)
  const issuer = verified.issuer ?? [...registry.values()].find(({ lane }) => lane === 'legacy')
  if (issuer?.lane !== 'legacy') return none('issuer_unknown')
  const subject = verified.ok ? verified.subject : verified.expired?.subject
  if (subject !== undefined && subject !== session.user.sub) return none('subject_mismatch')

  const claims = verified.ok ? verified.claims : verified.expired?.claims
  const startedAt = new Date(
    Math.min(session.internal.createdAt * 1_000, issuedAt(claims ?? {}) ?? Infinity),
  )
  let tokenState: LegacySession['tokenState'] = 'live'
  if (!verified.ok) {
    if (verified.code === 'token_expired') tokenState = 'expired'
    else if (isOpaque(accessToken)) tokenState = 'opaque'
    else if (unverifiable.has(verified.code)) tokenState = 'unusable'
    else return none(verified.code)
  }
  return {
    state: 'valid',
    claims: claims ?? session.user,
    session: {
      issuer,
      subject: session.user.sub,
      // Auth0 keeps its `sid` when the user signs in again. For this app each sign-in starts another session.
      sid: session.internal.sid ? `${session.internal.sid} ${session.internal.createdAt}` : null,
      isFirstParty: true,
      organization: organizationOf(claims ?? session.user),
      organizationId: organizationIdOf(claims ?? session.user),
      profile: {
        email: String(session.user.email ?? ''),
        emailVerified: session.user.email_verified === true,
        name: String(session.user.name ?? ''),
        // The profile comes from the ID token of the sign-in, so it is current only for a short time.
        isCurrent: now.getTime() - session.internal.createdAt * 1_000 < 60_000,
      },
      startedAt,
      signedInAt: startedAt,
      expiresAt,
      sealedUntil: isNumericDate(session.exp) ? new Date(session.exp * 1_000) : null,
      accessToken,
      idToken: session.tokenSet.idToken ?? null,
      tokenState,
    },
  }
}

/**
 * Opened sessions by the end of their cookies. A browser sends the same cookies with each request, and opening is slow.
 * The whole cookies are compared too. As a key they would be hashed again with each request, and they have 4 KB.
 */
const openSessions = new QuickLRU<string, { key: string; session: SessionData }>({
  maxSize: 500,
  maxAge: 30_000,
})
const sealTailLength = 43

/** Opens session cookies, or finds the session that they opened to before. */
async function openedSession(
  login: LegacyLogin,
  cookies: SessionCookies,
): Promise<SessionData | null> {
  const key = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  const opened = openSessions.get(key.slice(-sealTailLength))
  return opened?.key === key ? opened.session : openSession(login, key, cookies)
}

/** Opens the session that the SDK sealed into its cookies. Null if this app did not seal them. */
async function openSession(
  { sdk }: LegacyLogin,
  key: string,
  cookies: SessionCookies,
): Promise<SessionData | null> {
  const cookie = cookies.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const request = new NextRequest(config().appBaseUrl, { headers: { cookie } })
  // The SDK throws for some cookies that a client can make up.
  const session = await sdk()
    .getSession(request)
    .catch(() => null)
  if (!session?.internal?.createdAt || !session.tokenSet?.accessToken || !session.user?.sub)
    return null
  openSessions.set(key.slice(-sealTailLength), { key, session })
  return session
}

async function readBearer(
  { clientIds }: LegacyLogin,
  token: string,
  registry: Registry,
  now: Date,
): Promise<SessionReading> {
  const verified = await verifyToken(token, registry, now)
  if (!verified.ok) return none(verified.code)
  // A token of the other provider is no reason to refuse the request.
  if (verified.issuer.lane !== 'legacy') return none()
  return {
    state: 'valid',
    claims: verified.claims,
    session: {
      issuer: verified.issuer,
      subject: verified.subject,
      // Auth0's default profile has no `sid`. If a tenant adds it, all tokens of a session count as one session.
      sid: typeof verified.claims.sid === 'string' ? verified.claims.sid : null,
      isFirstParty: clientIds.includes(String(verified.claims.azp ?? verified.claims.client_id)),
      organization: organizationOf(verified.claims),
      organizationId: organizationIdOf(verified.claims),
      profile: null,
      // A token without the time counts as older than every proof.
      startedAt: new Date(issuedAt(verified.claims) ?? 0),
      signedInAt: authenticatedAt(verified.claims),
      expiresAt: verified.expiresAt,
      sealedUntil: null,
      accessToken: token,
      idToken: null,
      tokenState: 'live',
    },
  }
}

/** In milliseconds. */
const issuedAt = ({ iat }: Record<string, unknown>): number | null =>
  isNumericDate(iat) ? iat * 1_000 : null

/**
 * The time in `auth_time`, which refreshed tokens keep. Auth0 reserves this name in access tokens, so an Action of the
 * tenant adds it as `https://…/auth_time`: docs/own-keys.md.
 */
function authenticatedAt(claims: Record<string, unknown>): Date | null {
  const times = Object.entries(claims)
    .filter(([name]) => name === 'auth_time' || /^https:.*\/auth_time$/.test(name))
    .map(([, time]) => time)
    .filter(isNumericDate)
  return times.length > 0 ? new Date(Math.min(...times) * 1_000) : null
}

/** https://auth0.com/docs/manage-users/organizations/using-tokens */
function organizationOf({ org_name, org_id }: Record<string, unknown>): string | null {
  if (typeof org_name === 'string' && org_name) return org_name
  return typeof org_id === 'string' && org_id ? org_id : null
}

const organizationIdOf = ({ org_id }: Record<string, unknown>): string | null =>
  typeof org_id === 'string' && org_id ? org_id : null
