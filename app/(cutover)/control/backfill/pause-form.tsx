'use client'

import { useActionState } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import { changePause, type PauseState } from './actions'

const initialState: PauseState = { message: null, problem: null }

type Props = {
  runId: string
  /** What the operator can do now. Null for a run that has ended. */
  intent: 'pause' | 'resume' | null
}

/** Pauses and resumes a run. It stays mounted when the run ends, so that the user sees the result. */
export function PauseForm({ runId, intent }: Props) {
  const [state, send] = useActionState(changePause, initialState)
  return (
    <form action={send} className={intent || state.problem ? 'mt-5 grid gap-3' : ''}>
      <FormProblem state={state} id="pause-problem" />
      {state.message && intent && (
        <Notice tone="success" role="status">
          {state.message}
        </Notice>
      )}
      {intent && (
        <>
          <input type="hidden" name="runId" value={runId} />
          <SubmitButton
            kind={intent === 'pause' ? 'secondary' : 'primary'}
            className="justify-self-start"
            name="intent"
            value={intent}
          >
            {intent === 'pause' ? 'Pause import' : 'Resume import'}
          </SubmitButton>
        </>
      )}
    </form>
  )
}
