import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account, Identity } from './account/account'
import type { ProviderFailure } from './provider-failure'
import { requestTime } from './request/clock'
import { currentHeaders } from './request/current-headers'
import type { RequestKind } from './request/kind'
import { revocationOf } from './revocation/revocation-list'
import { stytchAccount } from './stytch/account'
import { endDuplicateSessions, endSession, sessionToEnd } from './stytch/end-session'
import { stytchIssuer, stytchIssuerName } from './stytch/issuer'
import { readStytchSession, refreshOnce } from './stytch/session'
import type { SignedIn } from './stytch/sign-in'
import { readCredentials } from './token/credentials'
import { type Refusal, refusals } from './token/refusal'
import { createRegistry, type Registry } from './token/registry'

/** The session of the current request. Every user is at Stytch now. */
export type RequestReading = {
  session: {
    lane: 'stytch'
    issuer: string
    subject: string
    expiresAt: Date
    isFirstParty: boolean
  } | null
  account(): Promise<Account | null>
  reason: string
  flow: { name: 'stytch'; reason: string }
  policyVersion: number
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

let registry: Registry | undefined

/**
 * Replace this by the issuer of your Auth0 tenant, as in the table `identities`. An imported user who signs in for the
 * first time gets the account of their legacy subject.
 */
const legacyIssuer = 'https://your-tenant.eu.auth0.com/'

const legacyIdentity = (externalId: string): Identity => ({
  issuer: legacyIssuer,
  subject: externalId,
})

type Code = Refusal | 'no_session' | 'stytch_unavailable'

const messages: Record<Code, string> = {
  ...refusals,
  no_session: 'Sign in first.',
  stytch_unavailable: 'The login provider does not answer. The session is still valid. Try again.',
}

/** The Stytch session of the current request, without a call to Stytch. */
async function currentReading() {
  registry ??= createRegistry([stytchIssuer()])
  const [received, jar] = await Promise.all([headers(), cookies()])
  const now = requestTime(received)
  const credentials = readCredentials(currentHeaders(received, jar))
  const reading = await readStytchSession(credentials, registry, now)
  return { now, reading, credentials, registry }
}

export async function readRequest(_: RequestKind): Promise<RequestReading> {
  const issuer = stytchIssuer()
  let { reading } = await currentReading()
  if (reading.state === 'refreshable') reading = (await refreshOnce(reading, issuer)).reading
  const opened = reading.state === 'valid' ? reading.session : null
  const revocation = opened && (await revocationOf({ ...opened, issuer: issuer.canonicalName }))
  const found = revocation ? null : opened
  const proof = found && { ...found, issuer: issuer.canonicalName }
  const code: Code =
    reading.state === 'unavailable'
      ? 'stytch_unavailable'
      : revocation || (reading.state === 'none' && reading.refusal) || 'no_session'
  // Nobody has judged the session, so it may be good. A 401 would make the client discard it.
  const isUndecided = code === 'stytch_unavailable' || code === 'keys_unavailable'
  return {
    session: proof && { ...proof, lane: 'stytch', isFirstParty: true },
    account: async () => proof && stytchAccount(proof, null, legacyIdentity),
    reason: found ? 'stytch_session' : code,
    flow: { name: 'stytch', reason: 'everybody' },
    policyVersion: 0,
    refusal: {
      status: isUndecided ? 503 : 401,
      body: { error: { code, message: messages[code] } },
      headers: isUndecided ? { 'retry-after': '5' } : { 'www-authenticate': 'Bearer' },
    },
  }
}

export const loginFlow = async () => 'stytch' as const

export const secondLogin = async (): Promise<'stytch' | 'legacy' | null> => null

export type TypedPassword = { text: string; isNew: boolean }

export async function finishSignIn(
  { user, ...opened }: SignedIn,
  _method: string,
  _password: TypedPassword | null = null,
): Promise<Account | null> {
  const { now, reading } = await currentReading()
  const replaced = sessionToEnd(reading, stytchIssuerName(), now)
  if (replaced && replaced.sessionId !== opened.sessionId) {
    await endSession(replaced, 'replaced', now, null)
  }
  return stytchAccount({ ...opened, issuer: stytchIssuerName() }, user, legacyIdentity).catch(
    () => null,
  )
}

export type SignOut = { logoutUrl: string | null; isComplete: boolean }

/** Lists the session and revokes it. Without the queue, a session that Stytch did not revoke is refused by the list. */
export async function finishSignOut(_: RequestReading): Promise<SignOut> {
  const { now, reading, ...received } = await currentReading()
  const issuer = stytchIssuerName()
  const session = sessionToEnd(reading, issuer, now)
  const issuers = { issuer, registry: received.registry }
  const isComplete = session
    ? await endSession(session, 'signed_out', now, null)
    : await endDuplicateSessions(received.credentials, issuers, now, () => null)
  return { logoutUrl: null, isComplete }
}

export const recordSignInFailure = async (_: ProviderFailure): Promise<void> => undefined

export const recordOutage = async (): Promise<void> => undefined

export const migrationConfigProblems = (): string[] => []

export const migrationChecks = (
  _: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> => ({})

export const migrationStatus = (): Record<string, string> => ({})

export const startBackgroundWork = (): void => undefined

/** Nobody signs in at the legacy provider any more. */
export const legacyName = (): string => ''
