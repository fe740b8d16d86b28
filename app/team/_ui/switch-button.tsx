'use client'

import { type ReactNode, useActionState } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import { switchTeam } from '../switch-action'

/** Switches to another team of the same person. */
export function SwitchButton({ slug, children }: { slug: string; children: ReactNode }) {
  const [state, send] = useActionState(switchTeam, { problem: null })
  return (
    <form action={send} className="mt-3 grid gap-3">
      <SubmitButton kind="secondary" name="team" value={slug}>
        {children}
      </SubmitButton>
      <FormProblem state={state} id="switch-problem" />
    </form>
  )
}
