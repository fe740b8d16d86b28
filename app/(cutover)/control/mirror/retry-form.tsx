'use client'

import { useActionState } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'
import { FormProblem } from '@/app/_ui/form-problem'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { DeadJob } from '@/lib/cutover/mirror/status'
import { type RetryState, retryAllNow, retryJob } from './actions'

const initialState: RetryState = { message: null, problem: null }

const RetryMessage = ({ state }: { state: RetryState }) =>
  state.message && (
    <Notice tone="success" role="status">
      {state.message}
    </Notice>
  )

/** Retries all waiting jobs. It stays mounted when no job waits, so that the user sees the result. */
export function RetryAll({ waiting }: { waiting: number }) {
  const [state, send] = useActionState<RetryState>(retryAllNow, initialState)
  return (
    <form action={send} className="mt-5 grid gap-3 border-line border-t pt-5 empty:hidden">
      <FormProblem state={state} id="retry-all-problem" />
      <RetryMessage state={state} />
      {waiting > 0 && (
        <>
          <p className="max-w-[62ch] text-quiet text-sm">
            The delay before each retry grows, up to an hour. When the legacy provider is back, you
            can retry at once.
          </p>
          <SubmitButton kind="secondary" className="justify-self-start">
            Retry failed jobs now
          </SubmitButton>
        </>
      )}
    </form>
  )
}

type Props = { jobs: (Pick<DeadJob, 'id' | 'accountId' | 'subject' | 'reason'> & Row)[] }
type Row = { label: string; advice: string; died: string; diedAt: string }

/** One form for the whole list, so that its message stays when the row of the retried job is gone. */
export function DeadJobs({ jobs }: Props) {
  const [state, send] = useActionState(retryJob, initialState)
  return (
    <form action={send} className="grid gap-4">
      <FormProblem state={state} id="retry-problem" />
      <RetryMessage state={state} />
      {jobs.length === 0 && (
        <EmptyState title="No dead jobs">
          A job that is refused, or that fails for about 36 hours, appears here with its reason.
        </EmptyState>
      )}
      <ul className="divide-y divide-line">
        {jobs.map(({ id, accountId, subject, reason, label, advice, died, diedAt }) => (
          <li
            key={id}
            className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 py-4 first:pt-0 last:pb-0"
          >
            <div className="grid min-w-0 gap-1 text-sm [overflow-wrap:anywhere]">
              <p className="font-medium">
                {label} <code className="font-mono font-normal text-problem text-xs">{reason}</code>
              </p>
              <p className="max-w-[62ch] text-quiet">{advice}</p>
              <p className="font-mono text-quiet text-xs">
                {accountId} · {subject}
              </p>
              <p className="text-quiet text-xs">
                Failed <time dateTime={diedAt}>{died}</time>
              </p>
            </div>
            <SubmitButton
              kind="secondary"
              name="id"
              value={id}
              aria-label={`Retry: ${label}, ${accountId}`}
            >
              Retry
            </SubmitButton>
          </li>
        ))}
      </ul>
    </form>
  )
}
