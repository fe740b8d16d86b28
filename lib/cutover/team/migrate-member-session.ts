import 'server-only'
import { ProviderFailure } from '../../provider-failure'
import { callTeamStytch } from '../../team/stytch/client'
import { type MemberSignedIn, memberSignedInOf } from '../../team/stytch/member-sign-in'
import { memberRevoker } from '../../team/stytch/revoke'
import { migrateAtStytch } from '../migration/migrate-session'
import type { SessionRequest } from '../migration/target'

/**
 * Calls Stytch's zero-downtime endpoint for members. Stytch finds the member by the address that userinfo returns, and
 * only in this organization.
 * https://stytch.com/docs/api-reference/b2b/api/sessions/migrate-session
 * @returns null when the organization has no active member with that address
 * @throws {StytchRefusal | ProviderFailure} see `migrateAtStytch`
 */
export async function migrateMemberSession(
  organizationId: string,
  { token, minutes, customClaims }: SessionRequest,
): Promise<MemberSignedIn | null> {
  const sessionToken = await token()
  const found = await migrateAtStytch(
    (started) =>
      callTeamStytch((client) =>
        started(
          client.sessions.migrate({
            session_token: sessionToken,
            organization_id: organizationId,
            session_duration_minutes: minutes,
            session_custom_claims: customClaims,
          }),
        ),
      ),
    memberRevoker.byToken,
  )
  return found && ofOrganization(memberSignedInOf(found.answer), organizationId)
}

/** Stytch must not have opened a session of another organization. @throws {ProviderFailure} */
function ofOrganization(signedIn: MemberSignedIn, organizationId: string): MemberSignedIn {
  if (signedIn.organization.id === organizationId) return signedIn
  throw new ProviderFailure(
    'stytch',
    'unexpected_response',
    'the session is of another organization',
  )
}
