'use client'

import { linkClass } from '@/app/_ui/button'
import { Field } from '@/app/_ui/field'
import { SubmitButton } from '@/app/_ui/submit-button'
import { AddressForm } from '@/app/login/forms'
import { requestPasswordReset, signInWithPassword, signUpWithPassword } from './actions'

type PasswordProps = { returnTo: string }

export function PasswordForm({ returnTo, forgot }: PasswordProps & { forgot: string }) {
  return (
    <AddressForm action={signInWithPassword} returnTo={returnTo}>
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        maxLength={256}
        required
        hint={
          <a href={forgot} className={linkClass}>
            Forgot password?
          </a>
        }
      />
      <SubmitButton>Sign in</SubmitButton>
    </AddressForm>
  )
}

export function SignUpForm({ returnTo }: PasswordProps) {
  return (
    <AddressForm action={signUpWithPassword} returnTo={returnTo}>
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        maxLength={256}
        required
        hint="Use a long password, such as four random words."
      />
      <SubmitButton>Create account</SubmitButton>
    </AddressForm>
  )
}

export function ResetForm({ returnTo }: PasswordProps) {
  return (
    <AddressForm action={requestPasswordReset} returnTo={returnTo}>
      <SubmitButton>Email me a reset link</SubmitButton>
    </AddressForm>
  )
}
