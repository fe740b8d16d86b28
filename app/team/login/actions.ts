'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { countMail, tryCode, tryToken } from '@/app/login/sign-in-limits'
import { invalidInput } from '@/app/login/sign-in-problem'
import {
  codeInvalid,
  codeOf,
  emailInvalid,
  emailOf,
  noSession,
  postedTokensOf,
  typedEmail,
} from '@/app/login/typed-input'
import { config } from '@/lib/config'
import { requestTime } from '@/lib/request/clock'
import { SessionNotNew } from '@/lib/stytch/adopt-session'
import { StytchRefusal } from '@/lib/stytch/client'
import { expiredSessionCookies } from '@/lib/stytch/cookies'
import { linkBaseUrl } from '@/lib/team/hosts'
import { requireTeam } from '@/lib/team/member'
import { safeTeamReturnTo } from '@/lib/team/return-to'
import { adoptMemberSession } from '@/lib/team/stytch/adopt-session'
import * as discovery from '@/lib/team/stytch/discovery'
import { teamProject } from '@/lib/team/stytch/project'
import * as organization from '@/lib/team/stytch/sign-in'
import { createPkce } from '@/lib/token/pkce'
import { completeTeamSignIn } from './complete-team-sign-in'
import { continueDiscovery } from './continue-discovery'
import { readPendingTeamSignIn, savePendingTeamSignIn } from './pending-team-sign-in'
import { teamLoginUrl } from './team-login-url'
import { teamSignInProblem } from './team-sign-in-problem'

const returnToOf = (data: FormData): string => safeTeamReturnTo(data.get('returnTo'))
const minutes = (): number => config().sessionDurationMinutes

/** The id at Stytch of the team that somebody signs in to. The slug of a form chooses the login, and proves nothing. */
async function stytchIdOf(slug: string): Promise<string> {
  const { stytchId } = await requireTeam(slug)
  if (!stytchId) throw new StytchRefusal('organization_not_found', 404)
  return stytchId
}

/** Mails a code. @param slug of the team; null to find the team afterwards */
export async function requestCode(
  slug: string | null,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const returnTo = returnToOf(data)
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  try {
    await countMail(email)
    if (slug === null) await discovery.sendDiscoveryCode(email)
    else await quietly(organization.sendEmailCode(await stytchIdOf(slug), email))
    await savePendingTeamSignIn({ email, returnTo, slug })
  } catch (error) {
    return teamSignInProblem(error, email)
  }
  redirect(teamLoginUrl(slug, returnTo, { step: 'code' }))
}

/** Handles both buttons of the form. Without JavaScript, React keeps the state of only one action per form. */
export async function requestMail(
  slug: string | null,
  previous: FormState,
  data: FormData,
): Promise<FormState> {
  if (data.get('by') !== 'link') return requestCode(slug, previous, data)
  const returnTo = returnToOf(data)
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  const { codeVerifier, codeChallenge } = createPkce()
  try {
    const url = `${linkBaseUrl((await headers()).get('host'))}/team/authenticate`
    await countMail(email)
    if (slug === null) await discovery.sendDiscoveryLink(email, url, codeChallenge)
    else {
      const id = await stytchIdOf(slug)
      await quietly(organization.sendMagicLink(id, email, url, codeChallenge))
    }
    await savePendingTeamSignIn({ email, returnTo, slug, codeVerifier })
  } catch (error) {
    return teamSignInProblem(error, email)
  }
  redirect(teamLoginUrl(slug, returnTo, { step: 'link' }))
}

/** Refusals that say whether an address belongs to a member of the team. */
const tellsMembers: ReadonlySet<string> = new Set([
  'member_not_found',
  'email_jit_provisioning_not_allowed',
  'invalid_email_for_jit_provisioning',
])

/** The response is the same for an unknown address, so that nobody can find out who is a member of a team. */
const quietly = (sending: Promise<void>): Promise<void> =>
  sending.catch((error: unknown) => {
    if (!(error instanceof StytchRefusal) || !tellsMembers.has(error.errorType)) throw error
  })

export async function verifyCode(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingTeamSignIn()
  if (!pending) {
    return invalidInput(
      'This sign-in started in another browser or has expired. Request a new code.',
    )
  }
  const { email, slug, returnTo } = pending
  const code = codeOf(data)
  if (!code) return invalidInput(codeInvalid, email)
  try {
    if (slug === null) {
      const found = await tryCode(email, () => discovery.discoverWithCode(email, code))
      return await continueDiscovery(found, 'email_code', returnTo)
    }
    const id = await stytchIdOf(slug)
    const result = await tryCode(email, () =>
      organization.signInWithCode(id, email, code, minutes()),
    )
    return await completeTeamSignIn(result, 'email_code', returnTo)
  } catch (error) {
    return teamSignInProblem(error, email)
  }
}

/** Adopts the session that Stytch's pre-built UI opened in the browser, and moves it into HttpOnly cookies. */
export async function adoptSession(_: FormState, data: FormData): Promise<FormState> {
  const posted = postedTokensOf(data)
  if (!posted.sessionToken) return invalidInput(noSession)
  try {
    const now = requestTime(await headers())
    const signedIn = await tryToken(() => adoptMemberSession(posted, now))
    const result = { outcome: 'signed_in', signedIn } as const
    return await completeTeamSignIn(result, 'prebuilt_ui', returnToOf(data))
  } catch (error) {
    if (error instanceof SessionNotNew) {
      const jar = await cookies()
      for (const cookie of expiredSessionCookies(teamProject.cookies)) jar.set(cookie)
    }
    return teamSignInProblem(error)
  }
}
