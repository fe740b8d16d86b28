'use server'

import { completeSignIn } from '@/app/(consumer)/login/complete-sign-in'
import { readPendingSignIn } from '@/app/(consumer)/login/pending-sign-in'
import type { FormState } from '@/app/form-state'
import { tryToken } from '@/app/login/sign-in-limits'
import { invalidInput, signInProblem } from '@/app/login/sign-in-problem'
import { config } from '@/lib/config'
import { defaultReturnTo } from '@/lib/request/return-to'
import { StytchRefusal } from '@/lib/stytch/client'
import * as stytch from '@/lib/stytch/sign-in'

/** Limits the length. Tokens of Stytch's links have 44 characters. */
const tokenOf = (data: FormData): string => String(data.get('token') ?? '').slice(0, 512)

/** Signs in with the token of an emailed link, and with the PKCE verifier if this browser requested a link. */
export async function completeMagicLink(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingSignIn()
  const signIn = (codeVerifier: string | null) =>
    stytch.signInWithMagicLink(tokenOf(data), codeVerifier, config().sessionDurationMinutes)
  try {
    const signedIn = await tryToken(() =>
      signIn(pending?.codeVerifier ?? null).catch((error: unknown) => {
        // The verifier belongs to another link, because this one was requested without PKCE.
        if (pending?.codeVerifier && isUnexpectedVerifier(error)) return signIn(null)
        throw error
      }),
    )
    return await completeSignIn(signedIn, 'magic_link', pending?.returnTo ?? defaultReturnTo)
  } catch (error) {
    return signInProblem(error)
  }
}

/** Signs in with the token of Stytch's OAuth redirect. */
export async function completeOAuth(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingSignIn()
  try {
    const { sessionDurationMinutes } = config()
    const verifier = pending?.codeVerifier ?? null
    const signedIn = await tryToken(() =>
      stytch.signInWithOAuth(tokenOf(data), verifier, sessionDurationMinutes),
    )
    return await completeSignIn(signedIn, 'oauth', pending?.returnTo ?? defaultReturnTo)
  } catch (error) {
    return signInProblem(error)
  }
}

/** Sets a new password with the token of an emailed link, and signs in. */
export async function setNewPassword(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPendingSignIn()
  const password = String(data.get('password') ?? '')
  if (!password || password.length > 256)
    return invalidInput('Enter a new password with 256 characters at most.')
  try {
    const signedIn = await tryToken(() =>
      stytch.setNewPassword(tokenOf(data), password, pending, config().sessionDurationMinutes),
    )
    return await completeSignIn(signedIn, 'password_reset', pending?.returnTo ?? defaultReturnTo, {
      text: password,
      isNew: true,
    })
  } catch (error) {
    return signInProblem(error)
  }
}

const isUnexpectedVerifier = (error: unknown): boolean =>
  error instanceof StytchRefusal && error.errorType === 'pkce_did_not_expect_code_verifier'
