import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account } from '../../account/account'
import { requestTime } from '../../request/clock'
import { memberAccount } from '../../team/member-account'
import { memberIssuerName } from '../../team/stytch/issuer'
import type { MemberSignedIn } from '../../team/stytch/member-sign-in'
import { readCredentials } from '../../token/credentials'
import { recordEvent } from '../events/record'
import { legacyAccount } from '../session/legacy-account'
import { members } from './audience'
import { endReplacedMemberSession } from './end-session'
import { endTeamLegacySession } from './sign-out'

/**
 * Opens the account of a member who has just signed in at Stytch, and records the sign-in.
 * @returns null while the database is unavailable. The member is signed in, and the next request opens the account.
 */
export async function finishMemberSignIn(
  { member, ...opened }: MemberSignedIn,
  method: string,
): Promise<Account | null> {
  const account = await memberAccount(opened, member).catch(() => null)
  const received = await headers()
  const now = requestTime(received)
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
