'use client'

import { useActionState, useEffect, useRef, useState } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'
import { Field } from '@/app/_ui/field'
import { FormProblem } from '@/app/_ui/form-problem'
import { TrashIcon } from '@/app/_ui/icons'
import { Notice } from '@/app/_ui/notice'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { FormState } from '@/app/form-state'
import { readDraft, saveDraft } from './note-draft'

/** A note with its formatted date. The server formats it, so that server and browser render the same text. */
export type ListedNote = {
  id: string
  text: string
  at: string
  date: string
  /** The name of the author, where several people write. */
  author?: string
  mayDelete: boolean
}

type Action = (previous: FormState, data: FormData) => Promise<FormState>

/** @param props.draft the key of the draft, of one account in one list */
export function NewNote({ addNote, draft: key }: { addNote: Action; draft: string }) {
  const [state, add, isPending] = useActionState(addNote, { problem: null })
  const [text, setText] = useState('')
  const [isDraft, setIsDraft] = useState(false)
  const wasPending = useRef(false)
  useEffect(() => {
    const draft = readDraft(key)
    if (!draft) return
    // Keeps text that the user has typed in the meantime.
    setText((typed) => typed || draft)
    setIsDraft(true)
  }, [key])
  useEffect(() => {
    // Clears the form only after a successful save, so the user can submit again after an error.
    if (wasPending.current && !isPending && !state.problem) {
      saveDraft(key, '')
      setText('')
      setIsDraft(false)
    }
    wasPending.current = isPending
  }, [key, isPending, state])
  return (
    <form action={add} onSubmit={() => saveDraft(key, text)} className="grid gap-3">
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

type ListProps = {
  deleteNote: Action
  notes: ListedNote[]
  /** Names the list for screen readers. */
  label: string
  /** What an empty list says. */
  empty: string
}

/** One form for the whole list. The value of the clicked button is the id of the note to delete. */
export function NoteList({ deleteNote, notes, label, empty }: ListProps) {
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
      aria-label={label}
      action={remove}
      className="grid gap-3 outline-none"
    >
      <FormProblem state={state} id="note-list-problem" />
      <p role="status" className="sr-only">
        {announcement}
      </p>
      {notes.length === 0 ? (
        <EmptyState title="No notes yet">{empty}</EmptyState>
      ) : (
        <ul aria-label="Notes" className="divide-y divide-line">
          {notes.map(({ id, text, at, date, author, mayDelete }) => (
            <li key={id} className="flex items-start gap-3 py-2.5 first:pt-0 last:pb-0">
              <div className="min-w-0 flex-1">
                <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
                <p className="text-quiet text-xs">
                  {author && `${author}, `}
                  <time dateTime={at}>{date}</time>
                </p>
              </div>
              {mayDelete && (
                <SubmitButton
                  kind="quiet"
                  name="id"
                  value={id}
                  aria-label={`Delete note: ${text.slice(0, 60)}`}
                  className="min-h-9! px-2.5! py-2!"
                >
                  <TrashIcon />
                </SubmitButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </form>
  )
}
