'use server'

import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { tryToken } from '@/app/login/sign-in-limits'
import { config } from '@/lib/config'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { slugOfHost, teamHostUrl } from '@/lib/team/hosts'
import { requireTeam } from '@/lib/team/member'
import { readTeamRequest } from '@/lib/team/seam'
import { teamProject } from '@/lib/team/stytch/project'
import { switchOrganization } from '@/lib/team/stytch/sign-in'
import { readCredentials } from '@/lib/token/credentials'
import { completeTeamSignIn } from './login/complete-team-sign-in'
import { teamLoginUrl } from './login/team-login-url'
import { teamSignInProblem } from './login/team-sign-in-problem'

/**
 * Switches to another team of the same person. Stytch exchanges the session, and refuses a team in which the person is
 * no member. Without a session at Stytch, the login of the other team opens.
 *
 * The host of one team has no session of another. So a switch from there leads to the pages of the other team elsewhere,
 * which ask for a sign-in if that host has no session of it.
 */
export async function switchTeam(_: FormState, data: FormData): Promise<FormState> {
  const organization = await requireTeam(String(data.get('team') ?? ''))
  const { slug, stytchId } = organization
  const received = await headers()
  const host = slugOfHost(received.get('host'))
  if (host !== null && host !== slug) redirect(teamHostUrl(slug, `/team/${slug}`))
  const login = teamLoginUrl(slug, `/team/${slug}`)
  const { session } = await readTeamRequest('action', null)
  const { bearer, cookies, duplicates } = readCredentials(received)
  const jwt = cookies.get(teamProject.cookies.jwt)
  // The session was verified by this JWT, unless there are two of them, or a Bearer token beside it.
  const isOnly = bearer === null && !duplicates.has(teamProject.cookies.jwt)
  if (session?.lane !== 'stytch' || !isOnly || !jwt || !stytchId) redirect(login)
  try {
    await countEvent([limits.switchByMember, `${session.issuer} ${session.subject}`])
    const result = await tryToken(() =>
      switchOrganization(jwt, stytchId, config().sessionDurationMinutes),
    )
    return await completeTeamSignIn(result, 'switch', `/team/${slug}`)
  } catch (error) {
    return teamSignInProblem(error)
  }
}
