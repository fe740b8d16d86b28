'use server'

import type { FormState } from '@/app/form-state'
import { tryToken } from '@/app/login/sign-in-limits'
import { invalidInput } from '@/app/login/sign-in-problem'
import { config } from '@/lib/config'
import { chooseOrganization } from '@/lib/team/stytch/discovery'
import { completeTeamSignIn } from '../login/complete-team-sign-in'
import { readPendingTeamSignIn } from '../login/pending-team-sign-in'
import { teamSignInProblem } from '../login/team-sign-in-problem'

/** Signs in to the chosen team. Stytch refuses a team that the person has no right to. */
export async function chooseTeam(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingTeamSignIn()
  const { intermediateToken, returnTo = '/team' } = pending ?? {}
  const organizationId = String(data.get('organization') ?? '').slice(0, 128)
  if (!intermediateToken || !organizationId) {
    return invalidInput('This sign-in has expired. Start again.')
  }
  try {
    const { sessionDurationMinutes } = config()
    const result = await tryToken(() =>
      chooseOrganization(intermediateToken, organizationId, sessionDurationMinutes),
    )
    return await completeTeamSignIn(result, 'discovery', returnTo)
  } catch (error) {
    return teamSignInProblem(error)
  }
}
