import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account } from './account/account'
import { requestTime } from './clock'
import type { RequestKind } from './request-kind'
import { stytchAccount } from './stytch/account'
import { stytchIssuer } from './stytch/issuer'
import { readStytchSession, refreshOnce } from './stytch/session'
import type { StytchUser } from './stytch/users'
import { readCredentials } from './token/credentials'
import { type Refusal, refusals } from './token/refusal'
import { createRegistry } from './token/registry'

/** What the product knows of the current request, now that everybody is at Stytch. */

const issuer = stytchIssuer()
const registry = createRegistry([issuer])

export type RequestReading = {
  session: { lane: 'stytch'; issuer: string; subject: string; expiresAt: Date } | null
  account(): Promise<Account | null>
  reason: string
  flow: { name: 'stytch'; reason: string }
  policyVersion: number
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

export async function readRequest(_: RequestKind): Promise<RequestReading> {
  const [received, jar] = await Promise.all([headers(), cookies()])
  const current = new Headers(received)
  const pairs = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`)
  current.set('cookie', pairs.join('; '))

  let reading = await readStytchSession(readCredentials(current), registry, requestTime(received))
  if (reading.state === 'refreshable') reading = (await refreshOnce(reading, issuer)).reading
  const found = reading.state === 'valid' ? reading.session : null
  const identity = found && { issuer: issuer.canonicalName, subject: found.subject }
  const code: Refusal | 'no_session' = (reading.state === 'none' && reading.refusal) || 'no_session'
  const isAway = reading.state === 'unavailable'
  return {
    session: identity && found && { lane: 'stytch', ...identity, expiresAt: found.expiresAt },
    account: async () => identity && stytchAccount(identity, null, () => null),
    reason: found ? 'stytch_session' : code,
    flow: { name: 'stytch', reason: 'everybody' },
    policyVersion: 0,
    refusal: {
      status: isAway ? 503 : 401,
      body: { error: { code, message: code === 'no_session' ? 'Sign in first.' : refusals[code] } },
      headers: isAway ? { 'retry-after': '5' } : { 'www-authenticate': 'Bearer' },
    },
  }
}

export const loginFlow = async () => 'stytch' as const

export const migrateSession = async (): Promise<{
  result: 'migrated' | 'ended'
  reason: string
}> => ({
  result: 'migrated',
  reason: 'stytch_session',
})

export const signedIn = (user: StytchUser, _method: string): Promise<Account | null> =>
  stytchAccount({ issuer: issuer.canonicalName, subject: user.id }, user, () => null).catch(
    () => null,
  )

export const signedOut = async (_: RequestReading): Promise<string | null> => null

export const checkMigrationEnvironment = (): void => undefined
