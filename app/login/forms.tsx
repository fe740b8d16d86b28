'use client'

import { type ReactNode, useActionState, useEffect, useId, useState } from 'react'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { FormState } from '@/app/form-state'

export type Action = (previous: FormState, data: FormData) => Promise<FormState>

/** State of a form, and the props that connect its fields to the error message. */
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

/** A form with the email address. The children are the other fields and the buttons. */
export function AddressForm({ action, returnTo, children }: AddressFormProps) {
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

/** First step without a password. `requestMail` sends a code or a link, depending on the clicked button. */
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

export function CodeForm({ verifyCode, returnTo }: { verifyCode: Action; returnTo: string }) {
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

/** Module state, because the redirect to the same page mounts the component again. */
let isCodeRequested = false

type NewCodeProps = { requestCode: Action; email: string; returnTo: string }

/** Requests a new code for the same email address. */
export function NewCodeForm({ requestCode, email, returnTo }: NewCodeProps) {
  const { state, send, problem } = useForm(requestCode)
  const [isSent, setIsSent] = useState(false)
  useEffect(() => {
    if (isCodeRequested && !state.problem) setIsSent(true)
    isCodeRequested = false
  }, [state])
  return (
    <form
      action={send}
      onSubmit={() => {
        isCodeRequested = true
      }}
      className="grid gap-3"
    >
      {problem}
      <ReturnTo value={returnTo} />
      <input type="hidden" name="email" value={email} />
      <SubmitButton kind="secondary">Send a new code</SubmitButton>
      <p role="status" className="text-quiet text-sm">
        {isSent && 'We sent a new code. The old code no longer works.'}
      </p>
    </form>
  )
}
