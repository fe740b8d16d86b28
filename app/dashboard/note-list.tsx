'use client'

import { useActionState, useEffect, useRef, useState } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { TrashIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import { addNote, deleteNote } from './actions'
import { keepDraft, readDraft } from './note-draft'

/** A note with its date already written out: the server's and the browser's clocks may disagree. */
type ShownNote = { id: string; text: string; at: string; written: string }

export function NewNote({ accountId }: { accountId: string }) {
  const [state, add, isPending] = useActionState(addNote, { problem: null })
  const [text, setText] = useState('')
  const [isDraft, setIsDraft] = useState(false)
  const wasPending = useRef(false)
  useEffect(() => {
    const draft = readDraft(accountId)
    if (!draft) return
    // Not over what somebody has typed since.
    setText((typed) => typed || draft)
    setIsDraft(true)
  }, [accountId])
  useEffect(() => {
    // Emptied only when it was saved: what could not be is still there to be sent again.
    if (wasPending.current && !isPending && !state.problem) {
      keepDraft(accountId, '')
      setText('')
      setIsDraft(false)
    }
    wasPending.current = isPending
  }, [accountId, isPending, state])
  return (
    <form action={add} onSubmit={() => keepDraft(accountId, text)} className="grid gap-3">
      <FormProblem state={state} id="new-note-problem" />
      {isDraft && !state.problem && (
        <Notice tone="info" role="status">
          This note was not saved, because you had to sign in first. Add it now.
        </Notice>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 basis-52">
          <Field
            label="New note"
            name="text"
            maxLength={1_000}
            autoComplete="off"
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
            invalid={state.problem?.code === 'invalid_input'}
            describedBy={state.problem ? 'new-note-problem' : undefined}
          />
        </div>
        <SubmitButton>Add note</SubmitButton>
      </div>
    </form>
  )
}

/** One form for the whole list: each button deletes the note that it names. */
export function NoteList({ notes }: { notes: ShownNote[] }) {
  const [state, remove] = useActionState(deleteNote, { problem: null })
  const form = useRef<HTMLFormElement>(null)
  const count = useRef(notes.length)
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (notes.length < count.current) {
      setSaid('Note deleted.')
      // The button that had the focus is gone with its note.
      if (document.activeElement === document.body) form.current?.focus()
    }
    if (notes.length > count.current) setSaid('Note added.')
    count.current = notes.length
  }, [notes.length])
  return (
    <form
      ref={form}
      tabIndex={-1}
      aria-label="Your notes"
      action={remove}
      className="grid gap-3 outline-none"
    >
      <FormProblem state={state} id="note-list-problem" />
      <p role="status" className="sr-only">
        {said}
      </p>
      {notes.length === 0 ? (
        <EmptyState title="No notes yet">
          Write one: it will still be here on the other lane.
        </EmptyState>
      ) : (
        <ul aria-label="Notes" className="divide-y divide-line">
          {notes.map(({ id, text, at, written }) => (
            <li key={id} className="flex items-start gap-3 py-2.5 first:pt-0 last:pb-0">
              <div className="min-w-0 flex-1">
                <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
                <time dateTime={at} className="text-quiet text-xs">
                  {written}
                </time>
              </div>
              <SubmitButton
                kind="quiet"
                name="id"
                value={id}
                aria-label={`Delete note: ${text.slice(0, 60)}`}
                className="min-h-9! px-2.5! py-2!"
              >
                <TrashIcon />
              </SubmitButton>
            </li>
          ))}
        </ul>
      )}
    </form>
  )
}
