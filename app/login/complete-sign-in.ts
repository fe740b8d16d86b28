import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { type Account, openAccount } from '@/lib/account/account'
import { requestTime } from '@/lib/clock'
import { config } from '@/lib/config'
import { recordEvent } from '@/lib/cutover/events'
import { registry } from '@/lib/cutover/registry'
import { expireLegacyCookies } from '@/lib/legacy/cookies'
import { type LegacySession, readLegacySession } from '@/lib/legacy/session'
import { sessionCookies } from '@/lib/stytch/cookies'
import type { SignedIn } from '@/lib/stytch/sign-in'
import type { StytchUser } from '@/lib/stytch/users'
import { readCredentials } from '@/lib/token/credentials'
import { legacyAccount } from '@/lib/viewer'
import { forgetPending } from './pending'

/**
 * Ends a sign-in: sets the cookies of the new session and goes on to `returnTo`, which must be safe.
 * @throws what `redirect` throws; never returns
 */
export async function completeSignIn(
  { tokens, user }: SignedIn,
  method: string,
  returnTo: string,
): Promise<never> {
  const started = performance.now()
  const jar = await cookies()
  const issuer = `stytch.com/${config().stytch.projectId}`
  // Without the database the person is signed in all the same; the account is found at the next sight.
  const account = await openAccount(
    {
      issuer,
      subject: user.id,
      email: user.email,
      emailVerified: user.emailVerified,
      name: user.name,
    },
    user.externalId ? { issuer: config().auth0.issuer, subject: user.externalId } : null,
  ).catch(() => null)

  // A legacy session in this browser that is somebody else's would come to light again when this one ends.
  const received = await headers()
  const legacy = await readLegacySession(
    readCredentials(received),
    registry(),
    requestTime(received),
  )
  if (legacy.state === 'valid' && !(await isSamePerson(legacy.session, account, user)))
    expireLegacyCookies(jar)

  for (const cookie of sessionCookies(tokens)) jar.set(cookie)
  await forgetPending()
  await recordEvent({
    at: new Date(),
    kind: 'sign_in',
    accountId: account?.id ?? null,
    issuer,
    subject: user.id,
    lane: 'stytch',
    result: 'signed_in',
    reason: method,
    milliseconds: performance.now() - started,
    policyVersion: 0,
  })
  redirect(returnTo)
}

async function isSamePerson(
  legacy: LegacySession,
  account: Account | null,
  user: StytchUser,
): Promise<boolean> {
  const theirs = await legacyAccount(legacy).catch(() => null)
  if (account && theirs) return account.id === theirs.id
  return legacy.profile?.email.toLowerCase() === user.email
}
