'use client'

import { useActionState, useEffect, useId, useRef } from 'react'
import { buttonClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { inputClass } from '@/app/_ui/field'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import { moveOrganization } from './actions'
import type { MoveState } from './move-state'

/** Says what a move does to whom, and asks for a confirmation. It works without JavaScript. */
export function MoveForm({ initial }: { initial: MoveState }) {
  const [state, send] = useActionState(moveOrganization, initial)
  const result = useRef<HTMLDivElement>(null)
  const noteId = useId()
  useEffect(() => {
    // Moves the focus to the result, so that screen readers announce it.
    if (state !== initial) result.current?.focus()
  }, [state, initial])
  const { name, to, confirmation, reason, problem } = state
  const isBack = to === 'legacy'
  return (
    <Card
      title={isBack ? `Move ${name} back?` : `Move ${name} to Stytch?`}
      className="border-ink"
      aside={<span className="text-quiet text-sm">compared with version {state.version}</span>}
    >
      <form action={send} className="grid max-w-[68ch] gap-4">
        <input type="hidden" name="slug" value={state.slug} />
        <input type="hidden" name="to" value={to} />
        <input type="hidden" name="version" value={state.version} />
        <div ref={result} tabIndex={-1} className="grid gap-4 outline-none empty:hidden">
          {problem && (
            <Notice tone="problem" role="alert">
              {problem.message}
            </Notice>
          )}
        </div>
        {confirmation ? (
          <>
            <ul className="grid list-disc gap-1.5 pl-5 text-sm [overflow-wrap:anywhere] marker:text-quiet">
              {confirmation.effects.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
            {confirmation.warnings.length > 0 && (
              <Notice tone="warn" title="Warnings">
                <ul className="grid gap-1 [overflow-wrap:anywhere]">
                  {confirmation.warnings.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              </Notice>
            )}
            <p className="text-quiet text-sm [overflow-wrap:anywhere]">
              The new policy: {confirmation.sentence}
            </p>
            <div className="grid gap-1.5">
              <label htmlFor={noteId} className="font-medium text-sm">
                Note <span className="font-normal text-quiet">(optional)</span>
              </label>
              <input
                id={noteId}
                name="note"
                defaultValue={state.note}
                maxLength={500}
                autoComplete="off"
                className={inputClass}
                aria-describedby={`${noteId}-hint`}
              />
              <p id={`${noteId}-hint`} className="text-quiet text-xs">
                Reason for the change, for the history. Do not enter personal data.
              </p>
            </div>
          </>
        ) : (
          <p className="text-sm [overflow-wrap:anywhere]">{reason}</p>
        )}
        <div className="flex flex-wrap gap-2">
          {confirmation && (
            <SubmitButton>{isBack ? 'Yes, move back' : 'Yes, move to Stytch'}</SubmitButton>
          )}
          <a href="/control/organizations" className={buttonClass('quiet')}>
            {confirmation ? 'Cancel' : 'Back to the list'}
          </a>
          {!confirmation && (
            <a href="/control/policy" className={buttonClass('secondary')}>
              Change policy
            </a>
          )}
        </div>
      </form>
    </Card>
  )
}
