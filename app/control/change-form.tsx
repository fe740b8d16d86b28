'use client'

import { useActionState } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import { changePolicy } from './actions'

type Props = { preset: string; change: string; expectedVersion: number }

/** The second step of a change: names the version that the operator has looked at. */
export function ChangeForm({ preset, change, expectedVersion }: Props) {
  const [state, send] = useActionState(changePolicy, { problem: null })
  return (
    <form action={send} className="grid gap-4">
      <FormProblem state={state} id="change-problem" />
      <input type="hidden" name="preset" value={preset} />
      <input type="hidden" name="expectedVersion" value={expectedVersion} />
      <div className="flex flex-wrap gap-2">
        {state.problem?.code === 'policy_conflict' ? (
          <a href="/control" className={buttonClass('primary')}>
            Look at the policy in force
          </a>
        ) : (
          <>
            <SubmitButton>Yes, {change}</SubmitButton>
            <a href="/control" className={buttonClass('secondary')}>
              Cancel
            </a>
          </>
        )}
      </div>
    </form>
  )
}
