'use client'

import { useActionState } from 'react'
import { buttonClass, linkClass } from '@/app/_ui/button'
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
      {state.problem?.code === 'policy_conflict' && (
        <p className="text-sm">
          <a href="/control" className={linkClass}>
            Look at the policy in force
          </a>
        </p>
      )}
      <input type="hidden" name="preset" value={preset} />
      <input type="hidden" name="expectedVersion" value={expectedVersion} />
      <div className="flex flex-wrap gap-2">
        <SubmitButton>Yes, {change}</SubmitButton>
        <a href="/control" className={buttonClass('secondary')}>
          Cancel
        </a>
      </div>
    </form>
  )
}
