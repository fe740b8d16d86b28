import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import type { Account } from './account/account'
import { isRefused, type Refused } from './account/refused'
import { config } from './config'
import { errorText } from './error-text'
import { addressHeader } from './request/forward'
import type { RequestKind } from './request/kind'
import { ProofIncomplete } from './stytch/foreign-credentials'
import { readTeamRequest, type TeamReading } from './team/seam'
import { bearerChallenge } from './token/challenge'
import { refusals } from './token/refusal'

/** Reads the session of the member, on a page of no single team. */
export const readRequest = (kind: RequestKind): Promise<TeamReading> => readTeamRequest(kind, null)

/** A provider does not answer, so the app cannot verify the session. The user must not be sent to the login. */
export class SessionUnchecked extends Error {
  readonly code = 'session_unchecked'
  constructor() {
    super('Your session cannot be checked now. You are still signed in: try again in a moment.')
    this.name = 'SessionUnchecked'
  }
}

/** The member of the current request, whichever team the session is for. Every user is a member of a team. */
export type Viewer = {
  lane: 'stytch' | 'legacy'
  issuer: string
  expiresAt: Date
  /** Null while the account cannot be opened, as `problem` says. The user is signed in. */
  account: Account | null
  /** `proof_incomplete`: other people's ways to sign in could not be removed yet. */
  problem: 'account_unavailable' | 'proof_incomplete' | null
  /** An operator may change the policy. */
  isOperator: boolean
}

/**
 * The address under which the history names an operator as the author of a change: the one that the identity of this
 * session proved. The address of the account may be another one, which another identity proved. Null for others.
 */
export const operatorAddress = ({ isOperator, account }: Viewer): string | null =>
  isOperator ? (account?.provedEmail ?? null) : null

/** Why a session opens no account, though its token is valid. */
const refused = new WeakMap<object, Refused['code']>()

/** The user of a request. Null when nobody is signed in, or when the session must open no account. */
export async function viewerOf({ session, ...reading }: TeamReading): Promise<Viewer | null> {
  if (!session) return null
  let account: Account | null = null
  let problem: Viewer['problem'] = null
  try {
    account = await reading.account()
  } catch (error) {
    if (isRefused(error)) {
      refused.set(session, error.code)
      return null
    }
    problem = error instanceof ProofIncomplete ? error.code : 'account_unavailable'
    console.error(`viewer: the account could not be read: ${errorText(error)}`)
  }
  const { lane, issuer, expiresAt, isFirstParty } = session
  // The identity of this session must have proved the address itself. The address of the account may come from another
  // identity. A token of another company's client does not suffice.
  const provedEmail = account?.provedEmail ?? null
  const isOperator =
    isFirstParty && provedEmail !== null && config().operatorEmails.includes(provedEmail)
  return { lane, issuer, expiresAt, account, problem, isOperator }
}

/** The reason why {@link viewerOf} found no user, and the response of an API. */
export function noViewer(reading: TeamReading): Pick<TeamReading, 'reason' | 'refusal'> {
  const code = reading.session && refused.get(reading.session)
  if (!code) return reading
  const { flow, policyVersion } = reading
  const body = { error: { code, message: refusals[code] }, flow, policyVersion }
  const challenge = { 'www-authenticate': bearerChallenge(code) }
  return { reason: code, refusal: { status: 401, body, headers: challenge } }
}

/** The viewer of the current request. Several components may ask for it, but the session is verified only once. */
const current = cache((): { viewer?: Promise<Viewer | null> } => ({}))

/** The user of the current request, or null. For pages that need no session. */
export function getViewer(): Promise<Viewer | null> {
  const memo = current()
  memo.viewer ??= readRequest('public').then(viewerOf)
  return memo.viewer
}

/**
 * The user of a page or action that needs a session. Without a session it redirects to the login, which shows the
 * reason. After the sign-in the login redirects to `address`.
 * @param address a page's own path and query, or the result of {@link postedFrom} for an action
 * @throws {SessionUnchecked}
 */
export async function requireViewer(address: string): Promise<Viewer> {
  const memo = current()
  const reading = readRequest('page')
  memo.viewer = reading.then(viewerOf)
  const viewer = await memo.viewer
  if (viewer) return viewer
  const { reason, refusal } = noViewer(await reading)
  if (refusal.status === 503) throw new SessionUnchecked()
  const search = new URLSearchParams({ returnTo: address })
  if (reason !== 'no_session') search.set('reason', reason)
  redirect(`/team/login?${search}`)
}

/** The address of the page that posted a server action. Returns `page` if the middleware did not set the header. */
export async function postedFrom(page: string): Promise<string> {
  return (await headers()).get(addressHeader) ?? page
}
