'use client'

import { Field } from '@/app/_ui/field'
import { SubmitButton } from '@/app/_ui/submit-button'
import { AddressForm } from '@/app/login/forms'
import { signInAtLegacy } from './actions'

/** The form of the in-house login. */
export function PasswordForm({ returnTo }: { returnTo: string }) {
  return (
    <AddressForm action={signInAtLegacy} returnTo={returnTo}>
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        maxLength={256}
        required
      />
      <SubmitButton>Continue</SubmitButton>
    </AddressForm>
  )
}
