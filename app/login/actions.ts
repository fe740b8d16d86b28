'use server'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '@/app/form-state'
import { emailAddress } from '@/lib/account/email-address'
import { config } from '@/lib/config'
import { safeReturnTo } from '@/lib/request/return-to'
import { StytchRefusal } from '@/lib/stytch/client'
import { sessionTokenCookie } from '@/lib/stytch/cookies'
import { createPkce } from '@/lib/stytch/pkce'
import * as stytch from '@/lib/stytch/sign-in'
import { completeSignIn } from './complete-sign-in'
import { readPending, rememberPending } from './pending'
import { invalid, problemOf } from './problems'

const addressMissing = 'Enter your email address, such as ada@example.com.'

const emailSchema = z.string().trim().pipe(emailAddress)
const passwordSchema = z.string().min(1).max(256)

const typedEmail = (data: FormData): string => String(data.get('email') ?? '').slice(0, 254)
const returnToOf = (data: FormData): string => safeReturnTo(data.get('returnTo'))
const minutes = (): number => config().sessionDurationMinutes

type Step = 'code' | 'link' | 'reset'
const toStep = (step: Step, returnTo: string): never =>
  redirect(`/login?step=${step}&returnTo=${encodeURIComponent(returnTo)}`)

/** Mails a code. */
export async function requestCode(_: FormState, data: FormData): Promise<FormState> {
  const returnTo = returnToOf(data)
  const email = emailSchema.safeParse(data.get('email')).data
  if (!email) return invalid(addressMissing, typedEmail(data))
  try {
    await rememberPending({ email, returnTo, methodId: await stytch.sendEmailCode(email) })
  } catch (error) {
    return problemOf(error, email)
  }
  return toStep('code', returnTo)
}

/** Signs in with the code that was mailed. */
export async function verifyCode(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPending()
  if (!pending?.methodId) {
    return invalid(
      'This sign-in was begun in another browser, or too long ago. Ask for a new code.',
    )
  }
  const code = String(data.get('code') ?? '').replace(/\s/g, '')
  if (!/^\d{6}$/.test(code)) return invalid('Enter the six digits from the mail.', pending.email)
  try {
    const signedIn = await stytch.signInWithCode(pending.methodId, code, minutes())
    return await completeSignIn(signedIn, 'email_code', pending.returnTo)
  } catch (error) {
    return problemOf(error, pending.email)
  }
}

/** Mails a link. */
export async function requestLink(_: FormState, data: FormData): Promise<FormState> {
  return mailLink(data, 'link', stytch.sendMagicLink)
}

/** Mails a link for setting a new password. Who has no account is told nothing else: nobody learns who has one. */
export async function requestPasswordReset(_: FormState, data: FormData): Promise<FormState> {
  return mailLink(data, 'reset', async (email, url, codeChallenge) => {
    try {
      await stytch.sendPasswordReset(email, url, codeChallenge)
    } catch (error) {
      const isUnknown = error instanceof StytchRefusal && unknownUser.has(error.errorType)
      if (!isUnknown) throw error
    }
  })
}

const unknownUser: ReadonlySet<string> = new Set(['email_not_found', 'user_not_found'])

async function mailLink(
  data: FormData,
  step: Step,
  send: typeof stytch.sendMagicLink,
): Promise<FormState> {
  const returnTo = returnToOf(data)
  const email = emailSchema.safeParse(data.get('email')).data
  if (!email) return invalid(addressMissing, typedEmail(data))
  const { codeVerifier, codeChallenge } = createPkce()
  try {
    await send(email, `${config().appBaseUrl}/authenticate`, codeChallenge)
    await rememberPending({ email, returnTo, codeVerifier })
  } catch (error) {
    return problemOf(error, email)
  }
  return toStep(step, returnTo)
}

export async function signInWithPassword(_: FormState, data: FormData): Promise<FormState> {
  return withPassword(data, 'password', stytch.signInWithPassword)
}

export async function signUpWithPassword(_: FormState, data: FormData): Promise<FormState> {
  return withPassword(data, 'password_created', stytch.signUpWithPassword)
}

async function withPassword(
  data: FormData,
  method: string,
  authenticate: typeof stytch.signInWithPassword,
): Promise<FormState> {
  const email = emailSchema.safeParse(data.get('email')).data
  if (!email) return invalid(addressMissing, typedEmail(data))
  const password = passwordSchema.safeParse(data.get('password')).data
  if (!password) return invalid('Enter your password.', email)
  try {
    return await completeSignIn(
      await authenticate(email, password, minutes()),
      method,
      returnToOf(data),
      { text: password, isNew: method === 'password_created' },
    )
  } catch (error) {
    return problemOf(error, email)
  }
}

/**
 * Takes over the session that Stytch's pre-built UI made in the browser: asks Stytch whether it is real,
 * and sets it again in cookies that no script can read.
 */
export async function adoptSession(_: FormState, data: FormData): Promise<FormState> {
  const token = (await cookies()).get(sessionTokenCookie)?.value
  if (!token) return invalid('The sign-in did not leave a session. Try again.')
  try {
    return await completeSignIn(await stytch.adoptSession(token), 'prebuilt_ui', returnToOf(data))
  } catch (error) {
    return problemOf(error)
  }
}
