import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { ProviderFailure } from '@/lib/provider-failure'
import { recordSignInFailure } from '@/lib/seam'
import { StytchRefusal } from '@/lib/stytch/client'

const wrongPassword =
  'The email address or the password is wrong. Try again, or use a code by email instead.'
const wrongCode = 'This code is wrong or has expired. Check the latest mail, or ask for a new code.'
const usedLink =
  'This link was used already or has expired. Each link works once, for an hour: ask for a new one.'
const otherBrowser =
  'This link was asked for in another browser, and works only there. Open it there, or ask for a new one here.'
const resetNeeded =
  'This password cannot be used any more: it was found in a data leak, or the account was used without a password since. Choose “Forgot password” to set a new one.'

/** What to tell people, by Stytch's `error_type`. https://stytch.com/docs/api/errors */
const sentences: Record<string, string> = {
  unauthorized_credentials: wrongPassword,
  email_not_found: wrongPassword,
  user_not_found: wrongPassword,
  no_user_password: wrongPassword,
  invalid_email: 'This is not an email address. Check it for typing mistakes.',
  invalid_email_for_magic_link: 'This is not an email address. Check it for typing mistakes.',
  duplicate_email: 'There is an account with this address already. Sign in instead.',
  weak_password:
    'This password is too easy to guess. Use a longer one, such as four words in a row.',
  breached_password: 'This password was found in a data leak. Choose another one.',
  reset_password: resetNeeded,
  otp_code_not_found: wrongCode,
  unable_to_auth_otp_code: wrongCode,
  invalid_code: wrongCode,
  unable_to_auth_magic_link: usedLink,
  unable_to_auth_password_reset_token: usedLink,
  magic_link_not_found:
    'This link is not one of ours, or was replaced by a newer one. Ask for a new one.',
  pkce_mismatch: otherBrowser,
  pkce_expected_code_verifier: otherBrowser,
  user_lock_limit_reached:
    'Too many attempts: this account is locked for an hour. Use a link by email, or wait.',
  session_not_found: 'The session has ended before it could be used. Sign in again.',
}

const failures: Record<ProviderFailure['code'], string> = {
  timeout: 'The login provider took too long to answer. Try again in a moment.',
  rate_limited: 'Too many attempts at once. Wait a few seconds and try again.',
  unavailable: 'The login provider cannot be reached. Try again in a moment.',
  unexpected_response:
    'The login provider gave an answer that could not be read. Try again in a moment.',
}

/** Turns what went wrong into what to tell the person; errors that are no answer of a provider go on up. */
export function problemOf(error: unknown, email?: string): FormState {
  unstable_rethrow(error)
  if (error instanceof StytchRefusal) {
    const message =
      sentences[error.errorType] ?? 'The sign-in did not work. Start again from the login page.'
    return { problem: { code: error.errorType, message }, email }
  }
  if (error instanceof ProviderFailure) {
    console.error(error.message)
    void recordSignInFailure(error)
    return { problem: { code: error.code, message: failures[error.code] }, email }
  }
  throw error
}

/** A problem with what was typed, before anybody was asked. */
export const invalid = (message: string, email?: string): FormState => ({
  problem: { code: 'invalid_input', message },
  email,
})
