'use client'

import { type ReactNode, useActionState, useEffect, useId, useState } from 'react'
import { linkClass } from '@/app/_ui/button'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { FormState } from '@/app/form-state'
import {
  requestCode,
  requestPasswordReset,
  signInWithPassword,
  signUpWithPassword,
  verifyCode,
} from './actions'

type Action = (previous: FormState, data: FormData) => Promise<FormState>

/** A form's state, and what its fields need to point at the problem. */
function useForm(action: Action) {
  const [state, send] = useActionState(action, { problem: null })
  const problemId = useId()
  return {
    state,
    send,
    problem: <FormProblem state={state} id={problemId} />,
    field: {
      invalid: state.problem?.code === 'invalid_input',
      describedBy: state.problem ? problemId : undefined,
    },
  }
}

const ReturnTo = ({ value }: { value: string }) => (
  <input type="hidden" name="returnTo" value={value} />
)

type AddressFormProps = { action: Action; returnTo: string; children: ReactNode }

/** A form that begins with the email address. */
function AddressForm({ action, returnTo, children }: AddressFormProps) {
  const { state, send, problem, field } = useForm(action)
  return (
    <form action={send} className="grid gap-4">
      {problem}
      <ReturnTo value={returnTo} />
      <Field
        label="Email address"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        required
        defaultValue={state.email}
        {...field}
      />
      {children}
    </form>
  )
}

/** First step without a password; `requestMail` sends a code, or a link where the button says so. */
export function EmailForm({ requestMail, returnTo }: { requestMail: Action; returnTo: string }) {
  return (
    <AddressForm action={requestMail} returnTo={returnTo}>
      <div className="grid gap-2">
        <SubmitButton name="by" value="code">
          Email me a code
        </SubmitButton>
        <SubmitButton name="by" value="link" kind="secondary">
          Email me a link
        </SubmitButton>
      </div>
    </AddressForm>
  )
}

/** Second step with a code. */
export function CodeForm({ returnTo }: { returnTo: string }) {
  const { send, problem, field, state } = useForm(verifyCode)
  return (
    <form action={send} className="grid gap-4">
      {problem}
      <ReturnTo value={returnTo} />
      <Field
        label="Six-digit code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\s*(\d\s*){6}"
        title="Six digits"
        maxLength={12}
        required
        autoFocus
        className="font-mono text-lg tracking-[0.35em]"
        {...field}
        invalid={state.problem !== null}
      />
      <SubmitButton>Sign in</SubmitButton>
    </form>
  )
}

/** The page is put together anew when it is redirected to itself, so this is remembered outside of it. */
let isAsked = false

/** Sends the code again, to the address that it was sent to before. */
export function NewCodeForm({ email, returnTo }: { email: string; returnTo: string }) {
  const { state, send, problem } = useForm(requestCode)
  const [isSent, setIsSent] = useState(false)
  useEffect(() => {
    if (isAsked && !state.problem) setIsSent(true)
    isAsked = false
  }, [state])
  return (
    <form
      action={send}
      onSubmit={() => {
        isAsked = true
      }}
      className="grid gap-3"
    >
      {problem}
      <ReturnTo value={returnTo} />
      <input type="hidden" name="email" value={email} />
      <SubmitButton kind="secondary">Send a new code</SubmitButton>
      <p role="status" className="text-quiet text-sm">
        {isSent && 'A new code is on its way. The old one no longer works.'}
      </p>
    </form>
  )
}

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
        hint="Four words in a row make a good one."
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
