'use server'

import { revalidatePath } from 'next/cache'
import {
  changeNotes,
  notDeleted,
  noteTextOf,
  notSaved,
  tooManyNotes,
} from '@/app/_notes/change-notes'
import type { FormState } from '@/app/form-state'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { postedFrom, requireViewer } from '@/lib/viewer'
import { insertNote, maximumNotes, removeNote } from './notes'

export async function addNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer(await postedFrom('/dashboard'))
  const text = noteTextOf(data.get('text'))
  if (typeof text !== 'string') return text
  return changeNotes(account?.id, notSaved, async (id) => {
    await countEvent([limits.noteByAccount, id])
    if (!(await insertNote(id, text))) return tooManyNotes('You have', maximumNotes)
    revalidatePath('/dashboard')
    return null
  })
}

export async function deleteNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer(await postedFrom('/dashboard'))
  return changeNotes(account?.id, notDeleted, async (id) => {
    await removeNote(id, String(data.get('id') ?? ''))
    revalidatePath('/dashboard')
    return null
  })
}
