import 'server-only'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { SecondFactorRequired, SecondFactorUnknown } from '@/lib/account/second-factor-required'
import { expiredSessionCookies, sessionCookies } from '@/lib/stytch/cookies'
import { returnToTeam } from '@/lib/team/return-to'
import { finishMemberSignIn } from '@/lib/team/seam'
import type { MemberSignedIn, MemberSignIn } from '@/lib/team/stytch/member-sign-in'
import { teamProject } from '@/lib/team/stytch/project'
import { deletePendingTeamSignIn } from './pending-team-sign-in'
import { teamLoginUrl } from './team-login-url'

/**
 * Completes a sign-in to a team: sets the session cookies and redirects to the team. When the organization asks for
 * more, it redirects to the team's login, which says so. A member who needs the second factor of the previous login is
 * redirected there too.
 * @throws the error of `redirect`, so it never returns
 * @throws {SecondFactorUnknown}
 */
export async function completeTeamSignIn(
  result: MemberSignIn,
  method: string,
  returnTo: string,
): Promise<never> {
  if (result.outcome !== 'signed_in') {
    const { outcome, organization } = result
    const target = returnToTeam(organization.slug, returnTo)
    redirect(teamLoginUrl(organization.slug, target, { tab: 'prebuilt', reason: reasons[outcome] }))
  }
  const { signedIn } = result
  await openOrExplain(signedIn, method, returnTo)
  const jar = await cookies()
  for (const cookie of sessionCookies(signedIn.tokens, teamProject.cookies)) jar.set(cookie)
  await deletePendingTeamSignIn()
  redirect(returnToTeam(signedIn.organization.slug, returnTo))
}

/** Why the organization's login opens again. `mfa_required` names a second factor at the previous login. */
const reasons = {
  primary_required: 'primary_required',
  mfa_required: 'second_factor_missing',
} as const

async function openOrExplain(
  signedIn: MemberSignedIn,
  method: string,
  returnTo: string,
): Promise<void> {
  const { slug } = signedIn.organization
  try {
    await finishMemberSignIn(signedIn, method)
  } catch (error) {
    const isRefused = error instanceof SecondFactorRequired
    if (!isRefused && !(error instanceof SecondFactorUnknown)) throw error
    const jar = await cookies()
    const { token } = teamProject.cookies
    // The pre-built UI has set the cookies of this session already. A session of an earlier sign-in stays.
    if (jar.get(token)?.value === signedIn.tokens.sessionToken) {
      for (const cookie of expiredSessionCookies(teamProject.cookies)) jar.set(cookie)
    }
    if (!isRefused) throw error
    await deletePendingTeamSignIn()
    redirect(teamLoginUrl(slug, returnToTeam(slug, returnTo), { reason: error.code }))
  }
}
