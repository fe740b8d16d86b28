import type { FormState } from '@/app/form-state'
import { Notice } from './notice'

/** What went wrong with a form, and what to do. The fields point at it by `id`. */
export function FormProblem({ state, id }: { state: FormState; id: string }) {
  if (!state.problem) return null
  return (
    <Notice tone="problem" role="alert" id={id}>
      {state.problem.message}
    </Notice>
  )
}
