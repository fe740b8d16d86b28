'use client'

import { useActionState } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { Flow } from '@/lib/cutover/policy/document'
import { pinThisDevice } from './actions'

const choices = [
  ['stytch', 'Stytch'],
  ['legacy', 'Legacy'],
  ['none', 'Not pinned'],
] as const

export function PinForm({ pin }: { pin: Flow | null }) {
  const [state, send] = useActionState(pinThisDevice, { problem: null })
  return (
    <form action={send} className="grid gap-3">
      <FormProblem state={state} id="pin-problem" />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a visible legend */}
      <div role="group" aria-label="Pin this device to" className="flex flex-wrap gap-2">
        {choices.map(([value, name]) => {
          const isCurrent = (pin ?? 'none') === value
          return (
            <SubmitButton
              key={value}
              name="pin"
              value={value}
              kind={isCurrent ? 'primary' : 'secondary'}
              aria-pressed={isCurrent}
            >
              {isCurrent && <span aria-hidden="true">✓ </span>}
              {name}
            </SubmitButton>
          )
        })}
      </div>
    </form>
  )
}
