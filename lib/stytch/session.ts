import QuickLRU from 'quick-lru'
import { z } from 'zod'
import { perProcess } from '../per-process'
import type { Credentials } from '../token/credentials'
import type { Refusal } from '../token/refusal'
import type { Issuer, Registry } from '../token/registry'
import { verifyToken } from '../token/verify'
import type { SessionTokens } from './cookies'
import { genuineCookies } from './duplicate-cookies'
import { memberSessionFactors, type SessionFactors, sessionFactors } from './factors'
import { isEnded, type SessionOrganization } from './opened-session'
import { consumerProject, type StytchProject } from './project'
import { mayAskStytch } from './refresh-budget'
import { startTime, timestamp } from './timestamp'

/** A live session at Stytch. */
export type StytchSession = {
  issuer: Issuer
  /** Stytch's user id. */
  subject: string
  sessionId: string
  /** When the user signed in. A session without a readable start counts as older than every revocation. */
  startedAt: Date
  /** When the session expires. Its JWT expires sooner. */
  expiresAt: Date
  factors: SessionFactors
  /** The organization of a member's session. Null for a user of the consumer project. */
  organization: SessionOrganization | null
}

/** The session that an expired JWT describes. `organizationId` is null for a user of the consumer project. */
export type ExpectedSession = { subject: string; sessionId: string; organizationId: string | null }

export type StytchReading =
  | { state: 'valid'; session: StytchSession }
  /** The session token can be refreshed at Stytch. `expected` holds the verified claims of an expired JWT, if any. */
  | {
      state: 'refreshable'
      sessionToken: string
      expected: ExpectedSession | null
      /** Further session tokens in cookies of the same name. Only with `expected`, which tells the right one. */
      alternatives?: readonly string[]
    }
  | { state: 'unavailable' }
  | { state: 'none'; refusal: Refusal | null }

const none = (refusal: Refusal | null = null): StytchReading => ({ state: 'none', refusal })

const sessionClaim = <T extends typeof sessionFactors>(authentication_factors: T) =>
  z.object({
    id: z.string().min(1),
    started_at: startTime,
    expires_at: timestamp,
    authentication_factors,
  })
const userClaim = sessionClaim(sessionFactors)
const memberClaim = sessionClaim(memberSessionFactors)
const organizationClaim = z.object({ organization_id: z.string().min(1), slug: z.string() })
const rolesClaim = z.object({ roles: z.array(z.string()) })

/** The session that a JWT describes. Null if it is malformed, or is not of this project's kind. */
function sessionOf(claims: Record<string, unknown>, { hasOrganizations }: StytchProject) {
  const claim = hasOrganizations ? memberClaim : userClaim
  const session = claim.safeParse(claims['https://stytch.com/session']).data
  const found = organizationClaim.safeParse(claims['https://stytch.com/organization']).data
  if (!session || (found !== undefined) !== hasOrganizations) return null
  const roles = rolesClaim.safeParse(claims['https://stytch.com/session']).data?.roles ?? []
  const organization: SessionOrganization | null = found
    ? { id: found.organization_id, slug: found.slug, roles }
    : null
  return { ...session, organization }
}

/**
 * Refusals of a JWT that say nothing about the session. Stytch itself verifies the session token beside the JWT,
 * so a key that is rotated, weak or out of reach logs nobody out.
 */
const inconclusive: ReadonlySet<Refusal> = new Set([
  'token_expired',
  'key_unknown',
  'key_too_weak',
  'keys_unavailable',
])

// Each call counts against the rate limit, so only a text with the form of a session token causes one.
const hasTokenForm = (text: string): boolean => /^[\w=-]{20,128}$/.test(text)

/** Reads the session of a request with duplicate cookies, see duplicate-cookies.ts. */
async function readDuplicates(
  credentials: Credentials,
  registry: Registry,
  now: Date,
  project: StytchProject,
): Promise<StytchReading> {
  const genuine = await genuineCookies(credentials, registry, now, project.cookies)
  if (genuine === 'keys_unavailable') return { state: 'unavailable' }
  if (!genuine) return none('duplicate_cookie')
  const [token = '', ...others] = genuine.tokens.filter(hasTokenForm)
  const cookies = new Map([
    [project.cookies.jwt, genuine.jwt],
    [project.cookies.token, token],
  ])
  const reading = await readStytchSession(
    { bearer: null, cookies, duplicates: new Map() },
    registry,
    now,
    project,
  )
  const isOpen = reading.state === 'refreshable' && reading.expected && others.length > 0
  return isOpen ? { ...reading, alternatives: others } : reading
}

/**
 * Reads the Stytch session of a request without a call to Stytch.
 * @returns never throws for anything that a client can send
 */
export async function readStytchSession(
  credentials: Credentials,
  registry: Registry,
  now: Date,
  project = consumerProject,
): Promise<StytchReading> {
  const { bearer, cookies, duplicates } = credentials
  const names = project.cookies
  if (bearer === null && (duplicates.has(names.jwt) || duplicates.has(names.token))) {
    return readDuplicates(credentials, registry, now, project)
  }
  const jwt = bearer ?? cookies.get(names.jwt) ?? ''
  // A client that sends a Bearer token refreshes it by itself.
  const sessionToken = bearer === null ? (cookies.get(names.token) ?? '') : ''
  const refreshable = (expected: ExpectedSession | null): StytchReading =>
    hasTokenForm(sessionToken) ? { state: 'refreshable', sessionToken, expected } : none()

  if (!jwt) return bearer === null ? refreshable(null) : none('token_opaque')

  const verified = await verifyToken(jwt, registry, now)
  if (verified.issuer && verified.issuer.lane !== 'stytch') {
    // A Bearer token of another issuer belongs to the other lane. In Stytch's cookie it is forged.
    if (bearer !== null) return none()
    return none(verified.ok ? 'issuer_unknown' : verified.code)
  }
  if (!verified.ok) {
    if (!sessionToken || !inconclusive.has(verified.code)) {
      // An outage of the provider says nothing about the token.
      if (verified.code === 'keys_unavailable' && bearer === null) return { state: 'unavailable' }
      return none(verified.code)
    }
    const claim = verified.expired && sessionOf(verified.expired.claims, project)
    return refreshable(
      verified.expired && claim
        ? {
            subject: verified.expired.subject,
            sessionId: claim.id,
            organizationId: claim.organization?.id ?? null,
          }
        : null,
    )
  }
  const claim = sessionOf(verified.claims, project)
  if (!claim) return none('claim_invalid')
  if (claim.expires_at <= now) return none('session_ended')
  return {
    state: 'valid',
    session: {
      issuer: verified.issuer,
      subject: verified.subject,
      sessionId: claim.id,
      startedAt: claim.started_at,
      expiresAt: claim.expires_at,
      factors: claim.authentication_factors,
      organization: claim.organization,
    },
  }
}

export type Refreshed = {
  reading: StytchReading
  /** Set when the session is live: the browser needs the new tokens. */
  tokens: SessionTokens | null
}

/**
 * Gets a new JWT from Stytch for the session token beside an expired JWT. The session does not get longer.
 * @returns never throws
 */
export async function refreshStytchSession(
  { sessionToken, expected }: Extract<StytchReading, { state: 'refreshable' }>,
  issuer: Issuer,
  project = consumerProject,
): Promise<Refreshed> {
  try {
    const { tokens, ...opened } = await project.authenticate(
      sessionToken,
      refreshDeadlineMilliseconds,
    )
    const { subject, sessionId } = opened
    if (expected && (expected.subject !== subject || expected.sessionId !== sessionId)) {
      return { reading: none('session_mismatch'), tokens: null }
    }
    const session = { issuer, ...opened, expiresAt: tokens.expiresAt }
    return { reading: { state: 'valid', session }, tokens }
  } catch (error) {
    if (isEnded(error)) return { reading: none('session_ended'), tokens: null }
    console.error(`stytch: a session could not be refreshed: ${(error as Error).message}`)
    return { reading: { state: 'unavailable' }, tokens: null }
  }
}

/** Running and recent refreshes. */
const { value: refreshes } = perProcess('refreshes', () => new Map<string, Promise<Refreshed>>())
/** Sessions that have ended at Stytch. Without this cache, one ended session could use up our rate limit. */
const { value: endedSessions } = perProcess(
  'ended-sessions',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)
/** Deadline of a refresh. It is shorter than for other calls, since the user waits for the page. */
const refreshDeadlineMilliseconds = 2_000
/** How long an answer is shared with requests that the browser sent before it had the new cookies. */
const shareMilliseconds = 5_000
/** Pause before the next refresh of a session after Stytch did not answer. */
const pauseMilliseconds = 2_000

/**
 * Like {@link refreshStytchSession}, but simultaneous requests of a session share one call. When the budget for
 * unproven tokens is used up, the answer is `unavailable`: the client retries, and is not signed out.
 */
export async function refreshOnce(
  { alternatives = [], ...reading }: Extract<StytchReading, { state: 'refreshable' }>,
  issuer: Issuer,
  project = consumerProject,
): Promise<Refreshed> {
  const refreshed = await refreshToken(reading, issuer, project)
  if (alternatives.length === 0 || refreshed.reading.state !== 'none') return refreshed
  // Only the token of the session in the verified JWT is accepted. Stytch refuses a planted one.
  for (const sessionToken of alternatives) {
    const other = await refreshToken({ ...reading, sessionToken }, issuer, project)
    if (other.reading.state !== 'none') return other
  }
  return { reading: none('duplicate_cookie'), tokens: null }
}

function refreshToken(
  reading: Extract<StytchReading, { state: 'refreshable' }>,
  issuer: Issuer,
  project: StytchProject,
): Promise<Refreshed> {
  // The project is part of the key. Otherwise one project's answer would open the pages of the other.
  const key = `${project.cookies.token}\n${reading.sessionToken}\n${reading.expected?.sessionId ?? ''}`
  if (endedSessions.has(key)) {
    return Promise.resolve({ reading: none('session_ended'), tokens: null })
  }
  const pending = refreshes.get(key)
  if (pending) return pending
  if (!mayAskStytch(reading)) {
    return Promise.resolve({ reading: { state: 'unavailable' }, tokens: null })
  }
  const refresh = refreshStytchSession(reading, issuer, project)
  refreshes.set(key, refresh)
  const forget = () => refreshes.delete(key)
  refresh.then(({ reading, tokens }) => {
    if (tokens) setTimeout(forget, shareMilliseconds)
    else if (reading.state === 'unavailable') setTimeout(forget, pauseMilliseconds)
    else forget()
    if (reading.state === 'none' && reading.refusal === 'session_ended') {
      endedSessions.set(key, true)
    }
  })
  return refresh
}
