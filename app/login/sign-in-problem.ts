import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { SecondFactorUnknown } from '@/lib/account/second-factor-required'
import { errorText } from '@/lib/error-text'
import { ProviderFailure } from '@/lib/provider-failure'
import { RateLimited, tooManyAttempts } from '@/lib/rate-limit/rate-limited'
import { recordSignInFailure } from '@/lib/seam'
import { SessionNotNew } from '@/lib/stytch/adopt-session'
import { StytchRefusal } from '@/lib/stytch/client'

const wrongPassword =
  'The email address or the password is wrong. Try again, or use an email code instead.'
const wrongCode =
  'This code is wrong or has expired. Check the latest email, or request a new code.'
const usedLink =
  'This link was already used or has expired. Each link works once, within one hour. Request a new one.'
const otherBrowser =
  'This link works only in the browser that requested it. Open it there, or request a new one here.'
const notNew =
  'Your browser held another session, and this sign-in was added to it. We ended it. Reload this page and sign in again.'
const resetNeeded =
  'You must set a new password. The old one appeared in a data leak, or you have signed in without a password since. Choose “Forgot password?”.'

const uncheckedSecondFactor =
  'We cannot check how your account is protected, so you are not signed in. Try again in a moment.'

/** Error messages by Stytch's `error_type`. https://stytch.com/docs/api/errors */
const messages: Record<string, string> = {
  unauthorized_credentials: wrongPassword,
  email_not_found: wrongPassword,
  user_not_found: wrongPassword,
  no_user_password: wrongPassword,
  invalid_email: 'This is not a valid email address. Check it for typos.',
  invalid_email_for_magic_link: 'This is not a valid email address. Check it for typos.',
  duplicate_email: 'An account with this email address already exists. Sign in instead.',
  weak_password: 'This password is too easy to guess. Use a longer one, such as four random words.',
  breached_password: 'This password appeared in a data leak. Choose another one.',
  reset_password: resetNeeded,
  otp_code_not_found: wrongCode,
  unable_to_auth_otp_code: wrongCode,
  invalid_code: wrongCode,
  unable_to_auth_magic_link: usedLink,
  unable_to_auth_password_reset_token: usedLink,
  magic_link_not_found: 'This link is unknown, or a newer link has replaced it. Request a new one.',
  oauth_token_not_found:
    'This sign-in has expired, or was already completed. Start again on the login page.',
  pkce_mismatch: otherBrowser,
  pkce_expected_code_verifier: otherBrowser,
  user_lock_limit_reached:
    'Too many attempts. Your account is locked for one hour. Use an email link, or wait.',
  session_not_found: 'Your session has ended. Sign in again.',
}

const failureMessages: Record<ProviderFailure['code'], string> = {
  timeout: 'The login provider took too long to answer. Try again in a moment.',
  rate_limited: 'Too many attempts. Wait a few seconds and try again.',
  unavailable: 'The login provider does not answer. Try again in a moment.',
  unexpected_response: 'The login provider sent an invalid response. Try again in a moment.',
}

/**
 * Maps an error of a provider, or a rate limit that was met, to a message for the user.
 * @param own messages that take precedence, by Stytch's `error_type`
 * @throws every other error
 */
export function signInProblem(
  error: unknown,
  email?: string,
  own: Record<string, string> = {},
): FormState {
  unstable_rethrow(error)
  if (error instanceof RateLimited)
    return { problem: { code: error.code, message: tooManyAttempts(error) }, email }
  if (error instanceof SecondFactorUnknown) {
    console.error(errorText(error))
    return { problem: { code: error.code, message: uncheckedSecondFactor }, email }
  }
  if (error instanceof StytchRefusal) {
    const message =
      own[error.errorType] ??
      messages[error.errorType] ??
      'The sign-in failed. Start again on the login page.'
    return { problem: { code: error.errorType, message }, email }
  }
  if (error instanceof SessionNotNew) return { problem: { code: error.code, message: notNew } }
  if (error instanceof ProviderFailure) {
    console.error(error.message)
    void recordSignInFailure(error)
    return { problem: { code: error.code, message: failureMessages[error.code] }, email }
  }
  throw error
}

/** A form state for invalid input. */
export const invalidInput = (message: string, email?: string): FormState => ({
  problem: { code: 'invalid_input', message },
  email,
})
