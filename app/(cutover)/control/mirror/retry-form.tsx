'use client'

import { useActionState } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'
import { FormProblem } from '@/app/_ui/form-problem'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { DeadJob } from '@/lib/cutover/mirror/status'
import { type RetryState, retryAllNow, retryJob } from './actions'

const nothing: RetryState = { done: null, problem: null }

const Done = ({ state }: { state: RetryState }) =>
  state.done && (
    <Notice tone="success" role="status">
      {state.done}
    </Notice>
  )

/** For all that wait: one button. Stays when there is nothing to press any more: its answer must be seen. */
export function RetryAll({ waiting }: { waiting: number }) {
  const [state, send] = useActionState<RetryState>(retryAllNow, nothing)
  return (
    <form action={send} className="mt-5 grid gap-3 border-line border-t pt-5 empty:hidden">
      <FormProblem state={state} id="retry-all-problem" />
      <Done state={state} />
      {waiting > 0 && (
        <>
          <p className="max-w-[62ch] text-quiet text-sm">
            A job that fails waits longer each time, up to an hour. When the legacy provider is
            back, there is no need to wait.
          </p>
          <SubmitButton kind="secondary" className="justify-self-start">
            Try the failed ones now
          </SubmitButton>
        </>
      )}
    </form>
  )
}

type Props = { jobs: (Pick<DeadJob, 'id' | 'accountId' | 'userId' | 'reason'> & Row)[] }
type Row = { what: string; advice: string; died: string; diedAt: string }

/** One form for all of them: what became of a job must still be told when its row is gone. */
export function DeadJobs({ jobs }: Props) {
  const [state, send] = useActionState(retryJob, nothing)
  return (
    <form action={send} className="grid gap-4">
      <FormProblem state={state} id="retry-problem" />
      <Done state={state} />
      {jobs.length === 0 && (
        <EmptyState title="None">
          A job that is refused, or fails for a day and a half, is listed here with its reason.
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {jobs.map(({ id, accountId, userId, reason, what, advice, died, diedAt }) => (
          <li
            key={id}
            className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 py-4 first:pt-0 last:pb-0"
          >
            <div className="grid min-w-0 gap-1 text-sm [overflow-wrap:anywhere]">
              <p className="font-medium">
                {what} <code className="font-mono font-normal text-problem text-xs">{reason}</code>
              </p>
              <p className="max-w-[62ch] text-quiet">{advice}</p>
              <p className="font-mono text-quiet text-xs">
                {accountId} · {userId}
              </p>
              <p className="text-quiet text-xs">
                Given up <time dateTime={diedAt}>{died}</time>
              </p>
            </div>
            <SubmitButton
              kind="secondary"
              name="id"
              value={id}
              aria-label={`Try again: ${what}, ${accountId}`}
            >
              Try again
            </SubmitButton>
          </li>
        ))}
      </ul>
    </form>
  )
}
