import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import type { Account } from './account/account'
import { UserDeleted } from './account/user-deleted'
import { config } from './config'
import { errorText } from './error-text'
import { addressHeader } from './request/forward'
import { type RequestReading, readRequest } from './seam'
import { bearerChallenge } from './token/challenge'
import { refusals } from './token/refusal'

/** A provider does not answer, so nobody can tell who it is: no reason to send anybody to the login. */
export class SessionUnchecked extends Error {
  readonly code = 'session_unchecked'
  constructor() {
    super('The session cannot be checked now. Nobody was signed out: try again in a moment.')
    this.name = 'SessionUnchecked'
  }
}

/** Who is looking at this page, verified here and now. */
export type Viewer = {
  lane: 'stytch' | 'legacy'
  issuer: string
  expiresAt: Date
  /** Null while the account cannot be looked up: the person is signed in, but their data is out of reach. */
  account: Account | null
  /** An operator may change the policy. */
  isOperator: boolean
}

/** The person behind a request. Null without a session, or when the provider deleted its user. */
export async function viewerOf({ session, ...reading }: RequestReading): Promise<Viewer | null> {
  if (!session) return null
  let account: Account | null = null
  try {
    account = await reading.account()
  } catch (error) {
    if (error instanceof UserDeleted) return null
    console.error(`viewer: the account could not be looked up: ${errorText(error)}`)
  }
  const { lane, issuer, expiresAt, isFirstParty } = session
  // An address that nobody verified makes nobody an operator, and neither does a token in other hands.
  const isOperator =
    isFirstParty &&
    account?.emailVerified === true &&
    config().operatorEmails.includes(account.email)
  return { lane, issuer, expiresAt, account, isOperator }
}

/** Why {@link viewerOf} found nobody behind a request, and what an API answers then. */
export function noViewer(reading: RequestReading): Pick<RequestReading, 'reason' | 'refusal'> {
  if (!reading.session) return reading
  const code = 'user_deleted'
  const { flow, policyVersion } = reading
  const body = { error: { code, message: refusals[code] }, flow, policyVersion }
  const challenge = { 'www-authenticate': bearerChallenge(code) }
  return { reason: code, refusal: { status: 401, body, headers: challenge } }
}

/** Once a request, however often it is asked. */
const current = cache((): { viewer?: Promise<Viewer | null> } => ({}))

/** The person who is looking at the page, or null; for pages that are for everybody. */
export function getViewer(): Promise<Viewer | null> {
  const memo = current()
  memo.viewer ??= readRequest('public').then(viewerOf)
  return memo.viewer
}

/**
 * The same, for what needs a session: without one, off to the login, which says why, and back to where the
 * person is; or to `page`, if that is not known.
 * @throws {SessionUnchecked}
 */
export async function requireViewer(page: string): Promise<Viewer> {
  const memo = current()
  const reading = readRequest('page')
  memo.viewer = reading.then(viewerOf)
  const viewer = await memo.viewer
  if (viewer) return viewer
  const { reason, refusal } = noViewer(await reading)
  if (refusal.status === 503) throw new SessionUnchecked()
  const returnTo = (await headers()).get(addressHeader) ?? page
  const search = new URLSearchParams({ returnTo })
  if (reason !== 'no_session') search.set('reason', reason)
  redirect(`/login?${search}`)
}
