'use client'

import { useActionState, useEffect, useRef, useState } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { TrashIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import { addNote, deleteNote } from './actions'
import { readDraft, saveDraft } from './note-draft'

/** A note with its formatted date. The server formats it, so that server and browser render the same text. */
type ListedNote = { id: string; text: string; at: string; date: string }

export function NewNote({ accountId }: { accountId: string }) {
  const [state, add, isPending] = useActionState(addNote, { problem: null })
  const [text, setText] = useState('')
  const [isDraft, setIsDraft] = useState(false)
  const wasPending = useRef(false)
  useEffect(() => {
    const draft = readDraft(accountId)
    if (!draft) return
    // Keeps text that the user has typed in the meantime.
    setText((typed) => typed || draft)
    setIsDraft(true)
  }, [accountId])
  useEffect(() => {
    // Clears the form only after a successful save, so the user can submit again after an error.
    if (wasPending.current && !isPending && !state.problem) {
      saveDraft(accountId, '')
      setText('')
      setIsDraft(false)
    }
    wasPending.current = isPending
  }, [accountId, isPending, state])
  return (
    <form action={add} onSubmit={() => saveDraft(accountId, text)} className="grid gap-3">
      <FormProblem state={state} id="new-note-problem" />
      {isDraft && !state.problem && (
        <Notice tone="info" role="status">
          This note was not saved. Choose “Add note” to save it.
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

/** One form for the whole list. The value of the clicked button is the id of the note to delete. */
export function NoteList({ notes }: { notes: ListedNote[] }) {
  const [state, remove] = useActionState(deleteNote, { problem: null })
  const form = useRef<HTMLFormElement>(null)
  const count = useRef(notes.length)
  const [announcement, setAnnouncement] = useState('')
  useEffect(() => {
    if (notes.length < count.current) {
      setAnnouncement('Note deleted.')
      // The clicked button is gone, so the browser has moved the focus to the body.
      if (document.activeElement === document.body) form.current?.focus()
    }
    if (notes.length > count.current) setAnnouncement('Note added.')
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
        {announcement}
      </p>
      {notes.length === 0 ? (
        <EmptyState title="No notes yet">
          Add a note. It stays with your account when your session moves to the other lane.
        </EmptyState>
      ) : (
        <ul aria-label="Notes" className="divide-y divide-line">
          {notes.map(({ id, text, at, date }) => (
            <li key={id} className="flex items-start gap-3 py-2.5 first:pt-0 last:pb-0">
              <div className="min-w-0 flex-1">
                <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
                <time dateTime={at} className="text-quiet text-xs">
                  {date}
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
