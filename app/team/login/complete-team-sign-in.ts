import 'server-only'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { sessionCookies } from '@/lib/stytch/cookies'
import { returnToTeam } from '@/lib/team/return-to'
import { finishMemberSignIn } from '@/lib/team/seam'
import type { MemberSignIn } from '@/lib/team/stytch/member-sign-in'
import { teamProject } from '@/lib/team/stytch/project'
import { deletePendingTeamSignIn } from './pending-team-sign-in'
import { teamLoginUrl } from './team-login-url'

/**
 * Completes a sign-in to a team: sets the session cookies and redirects to the team. When the organization asks for
 * more, it redirects to the team's login, which says so.
 * @throws the error of `redirect`, so it never returns
 */
export async function completeTeamSignIn(
  result: MemberSignIn,
  method: string,
  returnTo: string,
): Promise<never> {
  if (result.outcome !== 'signed_in') {
    const { outcome, organization } = result
    const target = returnToTeam(organization.slug, returnTo)
    redirect(teamLoginUrl(organization.slug, target, { tab: 'prebuilt', reason: outcome }))
  }
  const { signedIn } = result
  await finishMemberSignIn(signedIn, method)
  const jar = await cookies()
  for (const cookie of sessionCookies(signedIn.tokens, teamProject.cookies)) jar.set(cookie)
  await deletePendingTeamSignIn()
  redirect(returnToTeam(signedIn.organization.slug, returnTo))
}
