'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { rememberIncompleteSignOut } from '@/app/_ui/incomplete-sign-out'
import { expiredSessionCookies } from '@/lib/stytch/cookies'
import { finishMemberSignOut, readTeamRequest } from '@/lib/team/seam'
import { teamProject } from '@/lib/team/stytch/project'

/** Ends the member's sessions at both providers. The sessions of a consumer in this browser stay. */
export async function signOutOfTeam(): Promise<void> {
  const jar = await cookies()
  const { logoutUrl, isComplete } = await finishMemberSignOut(await readTeamRequest('page', null))
  // The cookies are deleted in any case, so that nobody can go on in this browser.
  for (const cookie of expiredSessionCookies(teamProject.cookies)) jar.set(cookie)
  if (!isComplete) await rememberIncompleteSignOut()
  // Auth0's own session is in a cookie on Auth0's domain, so the browser must visit Auth0 to end it.
  redirect(logoutUrl ?? '/team')
}
