import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import type { Account } from './account/account'
import { config } from './config'
import { errorText } from './error-text'
import { addressHeader } from './request/forward'
import { type RequestReading, readRequest } from './seam'

/** A provider does not answer, so the session cannot be checked. That is no reason to send the person to the login. */
export class SessionUnchecked extends Error {
  readonly code = 'session_unchecked'
  constructor() {
    super('The session cannot be checked now. Nobody was signed out: try again in a moment.')
    this.name = 'SessionUnchecked'
  }
}

/** The person who is looking at this page, verified for this request. */
export type Viewer = {
  lane: 'stytch' | 'legacy'
  issuer: string
  expiresAt: Date
  /** Null while the database is away: the person is signed in, but their data cannot be read. */
  account: Account | null
  /** An operator may change the policy. */
  isOperator: boolean
}

/** The person who made a request, or null when nobody is signed in. */
export async function viewerOf({ session, ...reading }: RequestReading): Promise<Viewer | null> {
  if (!session) return null
  const account = await reading.account().catch((error: unknown) => {
    console.error(`viewer: the account could not be looked up: ${errorText(error)}`)
    return null
  })
  const { lane, issuer, expiresAt, isFirstParty } = session
  // An unverified address makes nobody an operator, and neither does a token of somebody else's client.
  const isOperator =
    isFirstParty &&
    account?.emailVerified === true &&
    config().operatorEmails.includes(account.email)
  return { lane, issuer, expiresAt, account, isOperator }
}

/** One per request: the session is verified once, however many components ask for the viewer. */
const current = cache((): { viewer?: Promise<Viewer | null> } => ({}))

/** The person who is looking at the page, or null. For pages that need no session. */
export function getViewer(): Promise<Viewer | null> {
  const memo = current()
  memo.viewer ??= readRequest('public').then(viewerOf)
  return memo.viewer
}

/**
 * The person who is looking at a page, or who posted to an action, that needs a session. Without a session, redirects
 * to the login, which says why and leads back.
 * @param address where to lead back to: the page's own path and query, or {@link postedFrom}
 * @throws {SessionUnchecked}
 */
export async function requireViewer(address: string): Promise<Viewer> {
  const memo = current()
  const reading = readRequest('page')
  memo.viewer = reading.then(viewerOf)
  const viewer = await memo.viewer
  if (viewer) return viewer
  const { reason, refusal } = await reading
  if (refusal.status === 503) throw new SessionUnchecked()
  const search = new URLSearchParams({ returnTo: address })
  if (reason !== 'no_session') search.set('reason', reason)
  redirect(`/login?${search}`)
}

/** The address of the page that a server action was posted from; `page` when no middleware ran. */
export async function postedFrom(page: string): Promise<string> {
  return (await headers()).get(addressHeader) ?? page
}
