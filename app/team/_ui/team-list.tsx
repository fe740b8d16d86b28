'use client'

import { useActionState } from 'react'
import { FormProblem } from '@/app/_ui/form-problem'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { FormState } from '@/app/form-state'

export type ListedTeam = {
  /** What the form sends for this team. */
  value: string
  name: string
  /** A line below the name. */
  note: string
  /** The text of the button. */
  action: string
}

type Props = {
  /** The name of the field of the form. */
  field: string
  action: (previous: FormState, data: FormData) => Promise<FormState>
  teams: ListedTeam[]
}

/** Teams to choose from. One form for the whole list: the value of the clicked button names the team. */
export function TeamList({ field, action, teams }: Props) {
  const [state, send] = useActionState(action, { problem: null })
  return (
    <form action={send} className="grid gap-3">
      <FormProblem state={state} id="team-list-problem" />
      <ul aria-label="Teams" className="divide-y divide-line">
        {teams.map(({ value, name, note, action: label }) => (
          <li key={value} className="flex items-center gap-3 py-3 first:pt-0 last:pb-0">
            <span
              aria-hidden="true"
              className="grid size-10 shrink-0 place-items-center rounded-lg bg-sunken font-semibold uppercase"
            >
              {[...name][0] ?? '?'}
            </span>
            <div className="min-w-0 flex-1">
              <p className="font-medium [overflow-wrap:anywhere]">{name}</p>
              <p className="text-quiet text-xs [overflow-wrap:anywhere]">{note}</p>
            </div>
            <SubmitButton kind="secondary" name={field} value={value}>
              {label}
              <span className="sr-only"> {name}</span>
            </SubmitButton>
          </li>
        ))}
      </ul>
    </form>
  )
}
