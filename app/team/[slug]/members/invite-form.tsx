'use client'

import { useActionState, useId } from 'react'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { InviteState } from './actions'

type Props = { invite: (previous: InviteState, data: FormData) => Promise<InviteState> }

export function InviteForm({ invite }: Props) {
  const [state, send] = useActionState(invite, { problem: null })
  const problemId = useId()
  return (
    <form action={send} className="grid gap-4">
      <FormProblem state={state} id={problemId} />
      <div role="status">
        {state.invited && (
          <Notice tone="success">
            We sent an invitation to {state.invited}. It is valid for a week.
          </Notice>
        )}
      </div>
      <Field
        label="Email address"
        name="email"
        type="email"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        required
        defaultValue={state.email}
        invalid={state.problem?.code === 'invalid_input'}
        describedBy={state.problem ? problemId : undefined}
      />
      <SubmitButton>Invite</SubmitButton>
    </form>
  )
}
