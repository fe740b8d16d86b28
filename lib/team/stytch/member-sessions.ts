import 'server-only'
import { z } from 'zod'
import type { ListedSession } from '../../stytch/users'
import { callTeamStytch } from './client'

const listedSession = z
  .object({
    member_session_id: z.string(),
    custom_claims: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(
    ({ member_session_id, custom_claims }): ListedSession => ({
      id: member_session_id,
      customClaims: custom_claims ?? {},
    }),
  )

/** The live sessions of a member. @throws {StytchRefusal | ProviderFailure} */
export async function sessionsOfMember(
  organizationId: string,
  memberId: string,
): Promise<ListedSession[]> {
  const { member_sessions } = await callTeamStytch((client) =>
    client.sessions.get({ organization_id: organizationId, member_id: memberId }),
  )
  return z.array(listedSession).parse(member_sessions)
}
