'use server'

import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '@/app/form-state'
import { countMail, countSignUp, tryCode, tryPassword, tryToken } from '@/app/login/sign-in-limits'
import { invalidInput, signInProblem } from '@/app/login/sign-in-problem'
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
import { safeReturnTo } from '@/lib/request/return-to'
import { adoptSession as adoptNewSession, SessionNotNew } from '@/lib/stytch/adopt-session'
import { StytchRefusal } from '@/lib/stytch/client'
import { expiredSessionCookies } from '@/lib/stytch/cookies'
import * as stytch from '@/lib/stytch/sign-in'
import { createPkce } from '@/lib/token/pkce'
import { completeSignIn } from './complete-sign-in'
import { readPendingSignIn, savePendingSignIn } from './pending-sign-in'

const passwordSchema = z.string().min(1).max(256)

const returnToOf = (data: FormData): string => safeReturnTo(data.get('returnTo'))
const minutes = (): number => config().sessionDurationMinutes

type Step = 'code' | 'link' | 'reset'
const toStep = (step: Step, returnTo: string): never =>
  redirect(`/login?step=${step}&returnTo=${encodeURIComponent(returnTo)}`)

export async function requestCode(_: FormState, data: FormData): Promise<FormState> {
  const returnTo = returnToOf(data)
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  try {
    await countMail(email)
    await savePendingSignIn({ email, returnTo, methodId: await stytch.sendEmailCode(email) })
  } catch (error) {
    return signInProblem(error, email)
  }
  return toStep('code', returnTo)
}

export async function verifyCode(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingSignIn()
  const methodId = pending?.methodId
  if (!methodId) {
    return invalidInput(
      'This sign-in started in another browser or has expired. Request a new code.',
    )
  }
  const code = codeOf(data)
  if (!code) return invalidInput(codeInvalid, pending.email)
  try {
    const signedIn = await tryCode(pending.email, () =>
      stytch.signInWithCode(methodId, code, minutes()),
    )
    return await completeSignIn(signedIn, 'email_code', pending.returnTo)
  } catch (error) {
    return signInProblem(error, pending.email)
  }
}

async function requestLink(_: FormState, data: FormData): Promise<FormState> {
  return emailLink(data, 'link', stytch.sendMagicLink)
}

/** Handles both buttons of the form. Without JavaScript, React keeps the state of only one action per form. */
export async function requestMail(previous: FormState, data: FormData): Promise<FormState> {
  return data.get('by') === 'link' ? requestLink(previous, data) : requestCode(previous, data)
}

/**
 * Emails a link for a new password. The response is the same for an unknown address, so that nobody can find
 * out who has an account.
 */
export async function requestPasswordReset(_: FormState, data: FormData): Promise<FormState> {
  return emailLink(data, 'reset', async (email, url, codeChallenge) => {
    try {
      await stytch.sendPasswordReset(email, url, codeChallenge)
    } catch (error) {
      const isUnknown = error instanceof StytchRefusal && unknownUser.has(error.errorType)
      if (!isUnknown) throw error
    }
  })
}

const unknownUser: ReadonlySet<string> = new Set(['email_not_found', 'user_not_found'])

async function emailLink(
  data: FormData,
  step: Step,
  send: typeof stytch.sendMagicLink,
): Promise<FormState> {
  const returnTo = returnToOf(data)
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  const { codeVerifier, codeChallenge } = createPkce()
  try {
    await countMail(email)
    await send(email, `${config().appBaseUrl}/authenticate`, codeChallenge)
    await savePendingSignIn({ email, returnTo, codeVerifier })
  } catch (error) {
    return signInProblem(error, email)
  }
  return toStep(step, returnTo)
}

export async function signInWithPassword(_: FormState, data: FormData): Promise<FormState> {
  return authenticateWithPassword(data, 'password', (email, ...rest) =>
    tryPassword(email, () => stytch.signInWithPassword(email, ...rest)),
  )
}

export async function signUpWithPassword(_: FormState, data: FormData): Promise<FormState> {
  return authenticateWithPassword(data, 'password_created', async (email, ...rest) => {
    await countSignUp(email)
    return stytch.signUpWithPassword(email, ...rest)
  })
}

async function authenticateWithPassword(
  data: FormData,
  method: string,
  authenticate: typeof stytch.signInWithPassword,
): Promise<FormState> {
  const email = emailOf(data)
  if (!email) return invalidInput(emailInvalid, typedEmail(data))
  const password = passwordSchema.safeParse(data.get('password')).data
  if (!password) return invalidInput('Enter your password.', email)
  try {
    return await completeSignIn(
      await authenticate(email, password, minutes()),
      method,
      returnToOf(data),
      { text: password, isNew: method === 'password_created' },
    )
  } catch (error) {
    return signInProblem(error, email)
  }
}

/**
 * Adopts the session that Stytch's pre-built UI opened in the browser, and moves it into HttpOnly cookies. The form holds
 * the tokens of Stytch's answer, because the cookies of the browser may be planted.
 */
export async function adoptSession(_: FormState, data: FormData): Promise<FormState> {
  const posted = postedTokensOf(data)
  if (!posted.sessionToken) return invalidInput(noSession)
  try {
    const now = requestTime(await headers())
    const signedIn = await tryToken(() => adoptNewSession(posted, now))
    return await completeSignIn(signedIn, 'prebuilt_ui', returnToOf(data))
  } catch (error) {
    if (error instanceof SessionNotNew) {
      const jar = await cookies()
      for (const cookie of expiredSessionCookies()) jar.set(cookie)
    }
    return signInProblem(error)
  }
}
