import { AlternativeLink, AlternativeLinks } from '@/app/login/alternative-links'
import { EmailForm } from '@/app/login/forms'
import { requestMail } from './actions'
import { loginUrl } from './login-url'
import { PasswordForm, ResetForm, SignUpForm } from './password-forms'

export function EmailTab({ method, returnTo }: { method: string | undefined; returnTo: string }) {
  const withCode = (
    <AlternativeLink href={loginUrl(returnTo)}>Use an email code or link</AlternativeLink>
  )
  const withPassword = (
    <AlternativeLink href={loginUrl(returnTo, { with: 'password' })}>
      Use a password
    </AlternativeLink>
  )
  const withSignUp = (
    <AlternativeLink href={loginUrl(returnTo, { with: 'signup' })}>
      Create an account with a password
    </AlternativeLink>
  )
  switch (method) {
    case 'password':
      return (
        <>
          <PasswordForm returnTo={returnTo} forgot={loginUrl(returnTo, { with: 'reset' })} />
          <AlternativeLinks>
            {withCode}
            {withSignUp}
          </AlternativeLinks>
        </>
      )
    case 'signup':
      return (
        <>
          <h2 className="text-lg">Create an account</h2>
          <p className="mt-1 mb-4 text-quiet text-sm">
            Confirm your email address with a code or a link afterwards.
          </p>
          <SignUpForm returnTo={returnTo} />
          <AlternativeLinks>
            {withCode}
            <AlternativeLink href={loginUrl(returnTo, { with: 'password' })}>
              Sign in to an existing account
            </AlternativeLink>
          </AlternativeLinks>
        </>
      )
    case 'reset':
      return (
        <>
          <h2 className="text-lg">Forgot password</h2>
          <p className="mt-1 mb-4 text-quiet text-sm">
            We email you a link to set a new password. Your old password works until then.
          </p>
          <ResetForm returnTo={returnTo} />
          <AlternativeLinks>
            {withCode}
            {withPassword}
          </AlternativeLinks>
        </>
      )
    default:
      return (
        <>
          <EmailForm requestMail={requestMail} returnTo={returnTo} />
          <AlternativeLinks>
            {withPassword}
            {withSignUp}
          </AlternativeLinks>
        </>
      )
  }
}
