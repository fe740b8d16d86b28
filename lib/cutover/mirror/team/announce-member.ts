import 'server-only'
import type { Account, OnAccountChange } from '../../../account/account'
import { errorText } from '../../../error-text'
import { type MemberSession, memberIdentity } from '../../../team/member-account'
import { mirrorIsOn, recordMirrorOff } from '../enqueue'
import { enqueue, queue } from '../queue'
import type { MemberId } from './live-member'
import { mirroredOrganization } from './organization'

/**
 * Enqueues a mirror job when a member's identity joins an account or proves its address. The job is part of the
 * transaction that writes the account. An organization that only Stytch knows needs none, because it has no rollback.
 *
 * Before the proof there is no job, as for users: a member may have been invited with a stranger's address.
 */
export async function announceMember(session: MemberSession): Promise<OnAccountChange> {
  const member = { organizationId: session.organization.id, memberId: session.subject }
  const boss = mirrorIsOn() ? await queue() : null
  const hasLegacyOrganization = await isLinked(member)
  return async (tx, account, news) => {
    if (!needsMembership(account, news) || hasLegacyOrganization === false) return
    if (boss) {
      await enqueue(boss, tx, { ...member, accountId: account.id, change: 'member_joined' })
    } else if (hasLegacyOrganization) {
      await recordMirrorOff(tx, account, memberIdentity(session), new Date())
    }
  }
}

const needsMembership = ({ provedEmail }: Account, news: Parameters<OnAccountChange>[2]): boolean =>
  provedEmail !== null && news !== 'moved'

/** Whether the organization exists at the legacy provider. Null when nobody knows now; the job asks again. */
async function isLinked({ organizationId }: MemberId): Promise<boolean | null> {
  try {
    return Boolean((await mirroredOrganization(organizationId))?.legacyId)
  } catch (error) {
    console.error(`mirror: the organization could not be read: ${errorText(error)}`)
    return null
  }
}
