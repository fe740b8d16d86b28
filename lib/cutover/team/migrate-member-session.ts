import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../../provider-failure'
import { callTeamStytch } from '../../team/stytch/client'
import { type StytchMember, stytchMemberOf } from '../../team/stytch/members'
import { type OpenedMemberSession, openedMemberSessionOf } from '../../team/stytch/opened-session'
import { memberRevoker } from '../../team/stytch/revoke'
import { migrateAtStytch } from '../migration/migrate-session'
import type { SessionRequest } from '../migration/target'

/** A member's new session, and the member. */
export type MemberSignedIn = OpenedMemberSession & { member: StytchMember }

/**
 * Calls Stytch's zero-downtime endpoint for members. Stytch finds the member by the address that userinfo returns, and
 * only in this organization.
 * https://stytch.com/docs/api-reference/b2b/api/sessions/migrate-session
 * @returns null when the organization has no active member with that address
 * @throws {StytchRefusal | ProviderFailure} see `migrateAtStytch`
 */
export async function migrateMemberSession(
  organizationId: string,
  { accessToken, minutes, customClaims }: SessionRequest,
): Promise<MemberSignedIn | null> {
  const answer = await migrateAtStytch(
    (started) =>
      callTeamStytch((client) =>
        started(
          client.sessions.migrate({
            session_token: accessToken,
            organization_id: organizationId,
            session_duration_minutes: minutes,
            session_custom_claims: customClaims,
          }),
        ),
      ),
    memberRevoker.byToken,
  )
  return answer && memberSignedInOf(answer, organizationId)
}

function memberSignedInOf(answer: unknown, organizationId: string): MemberSignedIn {
  const opened = openedMemberSessionOf(answer)
  const member = stytchMemberOf(z.object({ member: z.unknown() }).safeParse(answer).data?.member)
  const isConsistent =
    member.id === opened.subject &&
    member.organizationId === organizationId &&
    opened.organization.id === organizationId
  if (!isConsistent) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'the session is of another member')
  }
  return { ...opened, member }
}
