import type { FormState } from '@/app/form-state'
import { Notice } from './notice'

/** The error message of a form. Fields reference it by `id` in `aria-describedby`. */
export function FormProblem({ state, id }: { state: FormState; id: string }) {
  if (!state.problem) return null
  return (
    <Notice tone="problem" role="alert" id={id}>
      {state.problem.message}
    </Notice>
  )
}
