import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account } from '../../account/account'
import { SecondFactorRequired, SecondFactorUnknown } from '../../account/second-factor-required'
import type { ProviderFailure } from '../../provider-failure'
import { requestTime } from '../../request/clock'
import { endSession } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import type { SignedIn } from '../../stytch/sign-in'
import { readCredentials } from '../../token/credentials'
import { recordEvent, recordFailure } from '../events/record'
import { announceToMirror, mirrorPassword } from '../mirror/enqueue'
import { revokeLater } from '../revocation/jobs'
import { consumers } from '../routing/audience'
import { registry } from '../routing/registry'
import { consumerStytchLogin, endReplacedStytchSession } from './end-stytch-session'
import { keepOnLegacy } from './kept-on-legacy'
import { legacyAccount } from './legacy-account'
import { rememberSignUp } from './new-sign-up'
import { endLegacySession } from './sign-out'
import { openStytchAccount } from './stytch-account'

/** A password as the user typed it. `isNew` when the user set it with this sign-in. */
export type TypedPassword = { text: string; isNew: boolean }

/**
 * Opens the account of a user who has just signed in at Stytch, and records the sign-in.
 * @returns null while the database is unavailable. The user is signed in, and the next request opens the account.
 * @throws {SecondFactorRequired | SecondFactorUnknown} The new session is ended then, because it opens nothing.
 */
export async function finishSignIn(
  signedIn: SignedIn,
  method: string,
  password: TypedPassword | null = null,
): Promise<Account | null> {
  const received = await headers()
  const now = requestTime(received)
  const account = await openMirroredAccount(signedIn, password).catch(async (error: unknown) => {
    if (!(error instanceof SecondFactorRequired || error instanceof SecondFactorUnknown))
      return null
    const { sessionId, tokens } = signedIn
    const opened = { issuer: stytchIssuerName(), sessionId, expiresAt: tokens.expiresAt }
    await endSession(opened, 'signed_out', now, revokeLater(opened))
    if (error instanceof SecondFactorRequired && error.subject !== null) {
      await keepOnLegacy(signedIn.user, error.subject, now)
    }
    throw error
  })
  await Promise.all([
    endReplacedStytchSession(consumerStytchLogin, received, signedIn.sessionId, now),
    endSessionOfAnotherUser(signedIn, account, received, now),
  ])
  if (account) {
    await rememberSignUp(account, signedIn.user).catch((error: Error) =>
      console.error(`sign-in: the flag cookie was not updated: ${error.name}`),
    )
  }
  await recordEvent({
    at: now,
    kind: 'sign_in',
    accountId: account?.id ?? null,
    issuer: stytchIssuerName(),
    subject: signedIn.user.id,
    lane: 'stytch',
    result: 'signed_in',
    reason: method,
    milliseconds: 0,
    policyVersion: 0,
  })
  return account
}

/** Ends a legacy session of another user in this browser. It would be valid again after the Stytch session. */
async function endSessionOfAnotherUser(
  { user }: SignedIn,
  account: Account | null,
  received: Headers,
  now: Date,
): Promise<void> {
  const legacy = await consumers.readLegacy(readCredentials(received), registry(), now)
  if (legacy.state !== 'valid') return
  const legacyOwner = await legacyAccount(legacy.session).catch(() => null)
  const isSameUser =
    account && legacyOwner
      ? account.id === legacyOwner.id
      : legacy.session.profile?.email === user.email
  if (!isSameUser) await endLegacySession(received, await cookies(), now)
}

/** Opens the account, and enqueues a mirror job for a new account and for each new password. */
async function openMirroredAccount(
  { user, ...opened }: SignedIn,
  password: TypedPassword | null,
): Promise<Account> {
  // The queue uses the server's clock, because a test may move the clock of a request.
  const now = new Date()
  let isAnnounced = false
  const prepare = announceToMirror(user.id, password, now)
  const account = await openStytchAccount(
    { ...opened, issuer: stytchIssuerName() },
    user,
    async () => {
      const announce = await prepare()
      return async (tx, born, news) => {
        await announce(tx, born, news)
        isAnnounced = true
      }
    },
  )
  if (password?.isNew && !isAnnounced) {
    await mirrorPassword(account, user.id, password.text, now).catch((error: Error) =>
      console.error(`mirror: a new password could not be enqueued: ${error.name}`),
    )
  }
  return account
}

/** Records for the operators that a provider failed during a sign-in. */
export const recordSignInFailure = async ({ provider, code }: ProviderFailure): Promise<void> =>
  recordFailure('sign_in', `${provider}_${code}`, requestTime(await headers()))
