import type { FormState } from '@/app/form-state'
import { requestCode, requestLink } from './actions'
import { loginAddress } from './address'
import { EmailForm, PasswordForm, ResetForm, SignUpForm } from './forms'
import { Other, Others } from './other-ways'

/** Both buttons of one form, so that its state is one: React keeps the state of one action a form without script. */
async function requestMail(previous: FormState, data: FormData): Promise<FormState> {
  'use server'
  return data.get('by') === 'link' ? requestLink(previous, data) : requestCode(previous, data)
}

export function EmailTab({ method, returnTo }: { method: string | undefined; returnTo: string }) {
  const withCode = <Other href={loginAddress(returnTo)}>Use a code or a link by email</Other>
  const withPassword = (
    <Other href={loginAddress(returnTo, { with: 'password' })}>Use a password</Other>
  )
  const withSignUp = (
    <Other href={loginAddress(returnTo, { with: 'signup' })}>
      Create an account with a password
    </Other>
  )
  switch (method) {
    case 'password':
      return (
        <>
          <PasswordForm returnTo={returnTo} forgot={loginAddress(returnTo, { with: 'reset' })} />
          <Others>
            {withCode}
            {withSignUp}
          </Others>
        </>
      )
    case 'signup':
      return (
        <>
          <h2 className="mb-4 text-lg">Create an account</h2>
          <SignUpForm returnTo={returnTo} />
          <Others>
            {withCode}
            <Other href={loginAddress(returnTo, { with: 'password' })}>
              Sign in to an account that you have
            </Other>
          </Others>
        </>
      )
    case 'reset':
      return (
        <>
          <h2 className="text-lg">Forgot password</h2>
          <p className="mt-1 mb-4 text-quiet text-sm">
            We mail you a link for setting a new one. Your old password works until then.
          </p>
          <ResetForm returnTo={returnTo} />
          <Others>
            {withCode}
            {withPassword}
          </Others>
        </>
      )
    default:
      return (
        <>
          <EmailForm requestMail={requestMail} returnTo={returnTo} />
          <Others>
            {withPassword}
            {withSignUp}
          </Others>
        </>
      )
  }
}
