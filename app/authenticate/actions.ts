'use server'

import type { FormState } from '@/app/form-state'
import { completeSignIn } from '@/app/login/complete-sign-in'
import { readPending } from '@/app/login/pending'
import { invalid, problemOf } from '@/app/login/problems'
import { config } from '@/lib/config'
import { defaultReturnTo } from '@/lib/request/return-to'
import { StytchRefusal } from '@/lib/stytch/client'
import * as stytch from '@/lib/stytch/sign-in'

/** Stytch's link tokens are 44 characters; whatever is much longer is none. */
const tokenOf = (data: FormData): string => String(data.get('token') ?? '').slice(0, 512)

/** Signs in with the token of a mailed link, and with this browser's verifier if it asked for the link. */
export async function completeMagicLink(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPending()
  const signIn = (codeVerifier: string | null) =>
    stytch.signInWithMagicLink(tokenOf(data), codeVerifier, config().sessionDurationMinutes)
  try {
    const signedIn = await signIn(pending?.codeVerifier ?? null).catch((error: unknown) => {
      // A link that was asked for elsewhere without PKCE, while this browser waits for another one.
      if (pending?.codeVerifier && isUnexpectedVerifier(error)) return signIn(null)
      throw error
    })
    return await completeSignIn(signedIn, 'magic_link', pending?.returnTo ?? defaultReturnTo)
  } catch (error) {
    return problemOf(error)
  }
}

/** Sets a new password with the token of a mailed link, and signs in. */
export async function setNewPassword(_: FormState, data: FormData): Promise<FormState> {
  const pending = await readPending()
  const password = String(data.get('password') ?? '')
  if (!password || password.length > 256)
    return invalid('Enter a new password, of 256 characters at most.')
  try {
    const signedIn = await stytch.setNewPassword(
      tokenOf(data),
      password,
      pending?.codeVerifier ?? null,
      config().sessionDurationMinutes,
    )
    return await completeSignIn(signedIn, 'password_reset', pending?.returnTo ?? defaultReturnTo, {
      text: password,
      isNew: true,
    })
  } catch (error) {
    return problemOf(error)
  }
}

const isUnexpectedVerifier = (error: unknown): boolean =>
  error instanceof StytchRefusal && error.errorType === 'pkce_did_not_expect_code_verifier'
