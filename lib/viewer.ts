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

/** A provider does not answer, so the session cannot be checked. That is no reason to send the user to the login. */
export class SessionUnchecked extends Error {
  readonly code = 'session_unchecked'
  constructor() {
    super('Your session cannot be checked now. You are still signed in: try again in a moment.')
    this.name = 'SessionUnchecked'
  }
}

/** The user of the current request, verified for this request. */
export type Viewer = {
  lane: 'stytch' | 'legacy'
  issuer: string
  expiresAt: Date
  /** Null while the database is unavailable: the user is signed in, but their data cannot be read. */
  account: Account | null
  /** An operator may change the policy. */
  isOperator: boolean
}

/** The user of a request. Null when nobody is signed in, or when the provider deleted the user. */
export async function viewerOf({ session, ...reading }: RequestReading): Promise<Viewer | null> {
  if (!session) return null
  let account: Account | null = null
  try {
    account = await reading.account()
  } catch (error) {
    if (error instanceof UserDeleted) return null
    console.error(`viewer: the account could not be read: ${errorText(error)}`)
  }
  const { lane, issuer, expiresAt, isFirstParty } = session
  // An unverified address makes nobody an operator, and neither does a token of another company's client.
  const isOperator =
    isFirstParty &&
    account?.emailVerified === true &&
    config().operatorEmails.includes(account.email)
  return { lane, issuer, expiresAt, account, isOperator }
}

/** Why {@link viewerOf} found no user, and what an API answers then. */
export function noViewer(reading: RequestReading): Pick<RequestReading, 'reason' | 'refusal'> {
  if (!reading.session) return reading
  const code = 'user_deleted'
  const { flow, policyVersion } = reading
  const body = { error: { code, message: refusals[code] }, flow, policyVersion }
  const challenge = { 'www-authenticate': bearerChallenge(code) }
  return { reason: code, refusal: { status: 401, body, headers: challenge } }
}

/** One per request: the session is verified once, however many components ask for the viewer. */
const current = cache((): { viewer?: Promise<Viewer | null> } => ({}))

/** The user of the current request, or null. For pages that need no session. */
export function getViewer(): Promise<Viewer | null> {
  const memo = current()
  memo.viewer ??= readRequest('public').then(viewerOf)
  return memo.viewer
}

/**
 * The user of a page or action that needs a session. Without a session it redirects to the login, which shows the
 * reason and leads back.
 * @param address where the login leads back to: a page's own path and query, or for an action {@link postedFrom}
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
  redirect(`/login?${search}`)
}

/** The address of the page that a server action was posted from; `page` when the middleware did not tell it. */
export async function postedFrom(page: string): Promise<string> {
  return (await headers()).get(addressHeader) ?? page
}
