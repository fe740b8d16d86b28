import QuickLRU from 'quick-lru'
import { z } from 'zod'
import { perProcess } from '../per-process'
import { ProviderFailure } from '../provider-failure'
import type { Credentials } from '../token/credentials'
import type { Refusal } from '../token/refusal'
import type { Issuer, Registry } from '../token/registry'
import { verifyToken } from '../token/verify'
import { callStytch, StytchRefusal } from './client'
import { type SessionTokens, sessionJwtCookie, sessionTokenCookie } from './cookies'

/** A live session at Stytch. */
export type StytchSession = {
  issuer: Issuer
  /** Stytch's user id. */
  subject: string
  sessionId: string
  /** When the session ends; its JWT ends sooner. */
  expiresAt: Date
  /** Whether this very session was begun with something that was mailed to the person's address. */
  provesEmail: boolean
}

export type StytchReading =
  | { state: 'valid'; session: StytchSession }
  /** There is a session token to ask Stytch about; `expected` is what the expired JWT proved, if any. */
  | {
      state: 'refreshable'
      sessionToken: string
      expected: { subject: string; sessionId: string } | null
    }
  | { state: 'unavailable' }
  | { state: 'none'; refusal: Refusal | null }

const none = (refusal: Refusal | null = null): StytchReading => ({ state: 'none', refusal })

/** https://stytch.com/docs/api/session-object: each way in which the session was authenticated. */
const factors = z.array(z.object({ delivery_method: z.string().catch('') })).catch([])
const provesEmail = (list: z.infer<typeof factors>): boolean =>
  list.some(({ delivery_method }) => delivery_method === 'email')

const sessionClaim = z.object({
  id: z.string().min(1),
  expires_at: z.coerce.date(),
  authentication_factors: factors,
})
const sessionOf = (claims: Record<string, unknown>) =>
  sessionClaim.safeParse(claims['https://stytch.com/session']).data ?? null

/** Refusals of a JWT that say nothing against the session: the session token beside it may still prove it. */
const inconclusive: ReadonlySet<Refusal> = new Set([
  'token_expired',
  'key_unknown',
  'keys_unavailable',
])

/**
 * The Stytch session of a request as far as it can be told without asking Stytch.
 * @returns never throws for anything a client can send
 */
export async function readStytchSession(
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<StytchReading> {
  const { bearer, cookies, duplicates } = credentials
  if (bearer === null && (duplicates.has(sessionJwtCookie) || duplicates.has(sessionTokenCookie))) {
    return none('duplicate_cookie')
  }
  const jwt = bearer ?? cookies.get(sessionJwtCookie) ?? ''
  // A Bearer token stands alone: who sends one refreshes it themselves.
  const sessionToken = bearer === null ? (cookies.get(sessionTokenCookie) ?? '') : ''
  const refreshable = (expected: { subject: string; sessionId: string } | null): StytchReading =>
    // What cannot be a token of Stytch's is not asked about: each question counts against the rate limit.
    /^[\w=-]{20,128}$/.test(sessionToken)
      ? { state: 'refreshable', sessionToken, expected }
      : none()

  if (!jwt) return bearer === null ? refreshable(null) : none('token_opaque')

  const verified = await verifyToken(jwt, registry, now)
  if (verified.issuer && verified.issuer.lane !== 'stytch') {
    // In the cookie that is Stytch's, a token of another issuer is forged; as Bearer it is not for us.
    if (bearer !== null) return none()
    return none(verified.ok ? 'issuer_unknown' : verified.code)
  }
  if (!verified.ok) {
    if (!sessionToken || !inconclusive.has(verified.code)) {
      // A provider that is away is no verdict on the token.
      if (verified.code === 'keys_unavailable' && bearer === null) return { state: 'unavailable' }
      return none(verified.code)
    }
    const claim = verified.expired && sessionOf(verified.expired.claims)
    return refreshable(
      verified.expired && claim ? { subject: verified.expired.subject, sessionId: claim.id } : null,
    )
  }
  const claim = sessionOf(verified.claims)
  if (!claim) return none('claim_invalid')
  if (claim.expires_at <= now) return none('session_ended')
  return {
    state: 'valid',
    session: {
      issuer: verified.issuer,
      subject: verified.subject,
      sessionId: claim.id,
      expiresAt: claim.expires_at,
      provesEmail: provesEmail(claim.authentication_factors),
    },
  }
}

/** What of Stytch's answer about a session we rely on. */
const authenticated = z.object({
  session_token: z.string().min(1),
  session_jwt: z.string().min(1),
  session: z.object({
    session_id: z.string(),
    user_id: z.string(),
    expires_at: z.coerce.date(),
    authentication_factors: factors,
  }),
})

/** What Stytch answers when somebody signs in, or when it is asked about a session. */
export type OpenedSession = {
  tokens: SessionTokens
  subject: string
  sessionId: string
  provesEmail: boolean
}

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function openedSessionOf(answer: unknown): OpenedSession {
  const parsed = authenticated.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a session')
  }
  const { session_token, session_jwt, session } = parsed.data
  return {
    tokens: {
      sessionToken: session_token,
      sessionJwt: session_jwt,
      expiresAt: session.expires_at,
    },
    subject: session.user_id,
    sessionId: session.session_id,
    provesEmail: provesEmail(session.authentication_factors),
  }
}

/**
 * Whether Stytch said that a session has ended. By its `error_type` only: a 400 or 404 of another kind says
 * something about our request, and a 401 about our project's keys. Nobody is logged out for those.
 */
export const isEnded = (error: unknown): boolean =>
  error instanceof StytchRefusal && error.errorType === 'session_not_found'

/**
 * Asks Stytch about a session token: the session that it opens, with a new JWT. Its length is not changed.
 * @throws {StytchRefusal | ProviderFailure} see {@link isEnded}
 */
export async function authenticateSession(
  sessionToken: string,
  deadlineMilliseconds?: number,
): Promise<OpenedSession> {
  return openedSessionOf(
    await callStytch(
      (client) => client.sessions.authenticate({ session_token: sessionToken }),
      deadlineMilliseconds,
    ),
  )
}

export type Refreshed = {
  reading: StytchReading
  /** Set when the session lives: the browser needs both. */
  tokens: SessionTokens | null
}

/**
 * Asks Stytch about the session token behind an expired JWT, and gets a new JWT for it. The answer is
 * used as it comes from Stytch; the session's length is not changed.
 * @returns never throws
 */
export async function refreshStytchSession(
  { sessionToken, expected }: Extract<StytchReading, { state: 'refreshable' }>,
  issuer: Issuer,
): Promise<Refreshed> {
  try {
    const { tokens, ...opened } = await authenticateSession(
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

const { value: refreshes } = perProcess('refreshes', () => new Map<string, Promise<Refreshed>>())
/** Sessions that Stytch has said are over: with one dead token nobody can use up our share of its rate limit. */
const { value: ended } = perProcess(
  'ended-sessions',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)
/** A person is waiting for their page. */
const refreshDeadlineMilliseconds = 2_000
/** For how long an answer serves requests that left the browser before the new cookies reached it. */
const shareMilliseconds = 5_000
/** For how long Stytch is left alone about a session after it did not answer. */
const pauseMilliseconds = 2_000

/** As {@link refreshStytchSession}, once for all requests of one session that arrive together. */
export function refreshOnce(
  reading: Extract<StytchReading, { state: 'refreshable' }>,
  issuer: Issuer,
): Promise<Refreshed> {
  const key = `${reading.sessionToken}\n${reading.expected?.sessionId ?? ''}`
  if (ended.has(key)) return Promise.resolve({ reading: none('session_ended'), tokens: null })
  const pending = refreshes.get(key)
  if (pending) return pending
  const refresh = refreshStytchSession(reading, issuer)
  refreshes.set(key, refresh)
  const forget = () => refreshes.delete(key)
  refresh.then(({ reading, tokens }) => {
    if (tokens) setTimeout(forget, shareMilliseconds)
    else if (reading.state === 'unavailable') setTimeout(forget, pauseMilliseconds)
    else forget()
    if (reading.state === 'none' && reading.refusal === 'session_ended') ended.set(key, true)
  })
  return refresh
}
