import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account } from '../../account/account'
import { SecondFactorRequired, SecondFactorUnknown } from '../../account/second-factor-required'
import { requestTime } from '../../request/clock'
import { endSession } from '../../stytch/end-session'
import { memberIssuerName } from '../../team/stytch/issuer'
import type { MemberSignedIn } from '../../team/stytch/member-sign-in'
import { memberRevoker } from '../../team/stytch/revoke'
import { readCredentials } from '../../token/credentials'
import { recordEvent } from '../events/record'
import { revokeLater } from '../revocation/jobs'
import { keepOnLegacy } from '../session/kept-on-legacy'
import { legacyAccount } from '../session/legacy-account'
import { members } from './audience'
import { endReplacedMemberSession } from './end-session'
import { openMemberAccount } from './open-member-account'
import { endTeamLegacySession } from './sign-out'

/**
 * Opens the account of a member who has just signed in at Stytch, and records the sign-in.
 * @returns null while the database is unavailable. The member is signed in, and the next request opens the account.
 * @throws {SecondFactorRequired | SecondFactorUnknown} The new session is ended then, because it opens nothing.
 */
export async function finishMemberSignIn(
  { member, ...opened }: MemberSignedIn,
  method: string,
): Promise<Account | null> {
  const received = await headers()
  const now = requestTime(received)
  const account = await openMemberAccount(opened, member).catch(async (error: unknown) => {
    if (!(error instanceof SecondFactorRequired || error instanceof SecondFactorUnknown))
      return null
    const issuer = memberIssuerName(opened.organization.id)
    const refused = { issuer, sessionId: opened.sessionId, expiresAt: opened.tokens.expiresAt }
    await endSession(refused, 'signed_out', now, revokeLater(refused), memberRevoker)
    if (error instanceof SecondFactorRequired && error.subject !== null) {
      await keepOnLegacy(member, error.subject, now, members.flagCookie)
    }
    throw error
  })
  await Promise.all([
    endReplacedMemberSession(received, opened.sessionId, now),
    endLegacySessionOfAnotherMember(account, member.email, received, now),
  ])
  await recordEvent(
    {
      at: now,
      kind: 'sign_in',
      accountId: account?.id ?? null,
      issuer: memberIssuerName(opened.organization.id),
      subject: member.id,
      lane: 'stytch',
      result: 'signed_in',
      reason: method,
      milliseconds: 0,
      policyVersion: 0,
    },
    'member',
  )
  return account
}

/** Ends a legacy session of another person in this browser. It would be valid again after the Stytch session. */
async function endLegacySessionOfAnotherMember(
  account: Account | null,
  email: string,
  received: Headers,
  now: Date,
): Promise<void> {
  const legacy = await members.readLegacy(readCredentials(received), members.registry(), now)
  if (legacy.state !== 'valid') return
  const owner = await legacyAccount(legacy.session).catch(() => null)
  const isSamePerson =
    account && owner ? account.id === owner.id : legacy.session.profile?.email === email
  if (!isSamePerson) await endTeamLegacySession(received, await cookies(), now)
}
