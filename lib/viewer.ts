import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { type Account, findAccount, openAccount } from './account/account'
import { requestTime } from './clock'
import { config } from './config'
import { type Assessment, assess } from './cutover/assess'
import { policyInForce } from './cutover/policy-store'
import type { RequestKind } from './cutover/verdict'
import type { LegacySession } from './legacy/session'
import { fetchUserinfo } from './legacy/userinfo'
import type { StytchSession } from './stytch/session'
import { fetchUser } from './stytch/users'

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

/**
 * Assesses the current request again, from its own cookies and headers: the middleware routes, and this
 * is the guard. In a server action it sees the cookies that the action has set.
 */
export async function assessCurrentRequest(kind: RequestKind): Promise<Assessment> {
  const [received, jar] = await Promise.all([headers(), cookies()])
  const current = new Headers(received)
  const names = (received.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.split('=', 1)[0]?.trim())
  // The jar knows each name once. Where the request had one twice, its own header must be judged.
  if (new Set(names).size === names.length) {
    const pairs = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
    current.set('cookie', pairs.join('; '))
  }
  return assess(current, kind, await policyInForce(), requestTime(received))
}

/** The person behind an assessment, or null when there is none. */
export async function viewerOf(assessed: Assessment): Promise<Viewer | null> {
  const { verdict, stytch, legacy } = assessed
  const session =
    verdict.lane === 'stytch' && stytch.state === 'valid'
      ? stytch.session
      : verdict.lane === 'legacy' && legacy.state === 'valid'
        ? legacy.session
        : null
  if (!session || verdict.lane === 'anonymous') return null
  const account = await accountOf(assessed).catch((error: unknown) => {
    console.error(`viewer: the account could not be looked up: ${(error as Error).message}`)
    return null
  })
  return {
    lane: verdict.lane,
    issuer: session.issuer.canonicalName,
    expiresAt: session.expiresAt,
    account,
    // An address that nobody verified makes nobody an operator.
    isOperator: account?.emailVerified === true && config().operatorEmails.includes(account.email),
  }
}

async function accountOf({ verdict, stytch, legacy }: Assessment): Promise<Account | null> {
  if (verdict.lane === 'stytch' && stytch.state === 'valid') return stytchAccount(stytch.session)
  return legacy.state === 'valid' ? legacyAccount(legacy.session) : null
}

async function stytchAccount({ issuer, subject }: StytchSession): Promise<Account> {
  const identity = { issuer: issuer.canonicalName, subject }
  const known = await findAccount(identity)
  if (known) return known
  const { externalId, ...user } = await fetchUser(subject)
  // Only our own backend writes external ids, so this says more than any address could.
  const formerly = externalId ? { issuer: config().auth0.issuer, subject: externalId } : null
  return openAccount({ ...user, ...identity }, formerly)
}

/** The account of a legacy session; null when the legacy provider will not say whose token it is. */
export async function legacyAccount(session: LegacySession): Promise<Account | null> {
  const identity = { issuer: session.issuer.canonicalName, subject: session.subject }
  const known = await findAccount(identity)
  if (known) return known
  // An access token alone does not say whose it is.
  const person = session.profile ?? (await fetchUserinfo(session.accessToken))
  return person && openAccount({ ...person, ...identity })
}

/** The person who is looking at the page, or null. Once a request, however often it is asked. */
export const getViewer = cache(
  async (): Promise<Viewer | null> => viewerOf(await assessCurrentRequest('page')),
)

/** The same, for what needs a session: without one, off to the login and back to `returnTo`. */
export async function requireViewer(returnTo: string): Promise<Viewer> {
  const viewer = await getViewer()
  if (!viewer) redirect(`/login?returnTo=${encodeURIComponent(returnTo)}`)
  return viewer
}
