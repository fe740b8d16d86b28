'use server'

import { headers } from 'next/headers'
import type { FormState } from '@/app/form-state'
import { countMail } from '@/app/login/sign-in-limits'
import { invalidInput } from '@/app/login/sign-in-problem'
import { emailInvalid, emailOf, typedEmail } from '@/app/login/typed-input'
import { linkBaseUrl } from '@/lib/team/hosts'
import { mayInvite } from '@/lib/team/may-invite'
import { requireMember } from '@/lib/team/member'
import { teamProject } from '@/lib/team/stytch/project'
import { inviteMember } from '@/lib/team/stytch/sign-in'
import { readCredentials } from '@/lib/token/credentials'
import { postedFrom } from '@/lib/viewer'
import { teamSignInProblem } from '../../login/team-sign-in-problem'

export type InviteState = FormState & {
  /** The address that was invited last. */
  invited?: string
}

/** Invites a person by mail. */
export async function invite(slug: string, _: InviteState, data: FormData): Promise<InviteState> {
  const member = await requireMember(slug, await postedFrom(`/team/${slug}/members`))
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  const received = await headers()
  const { cookies, duplicates } = readCredentials(received)
  const { token } = teamProject.cookies
  const sessionToken = duplicates.has(token) ? undefined : cookies.get(token)
  if (mayInvite(member) !== 'yes' || !member.organization.stytchId || !sessionToken) {
    return {
      problem: {
        code: 'not_allowed',
        message: 'Only an admin who is signed in at Stytch may invite.',
      },
      email,
    }
  }
  try {
    await countMail(email)
    const url = `${linkBaseUrl(received.get('host'))}/team/authenticate`
    await inviteMember(member.organization.stytchId, email, url, sessionToken)
  } catch (error) {
    return teamSignInProblem(error, email)
  }
  return { problem: null, invited: email }
}
