'use client'

import { useActionState, useId } from 'react'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import { setPassword } from './actions'

export function NewPasswordForm({ token }: { token: string }) {
  const [state, send] = useActionState(setPassword, { problem: null })
  const problemId = useId()
  return (
    <form action={send} className="grid gap-4">
      <FormProblem state={state} id={problemId} />
      <input type="hidden" name="token" value={token} />
      <Field
        label="New password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        maxLength={256}
        required
        describedBy={state.problem ? problemId : undefined}
      />
      <SubmitButton>Set password</SubmitButton>
    </form>
  )
}
