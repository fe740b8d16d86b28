'use server'

import { revalidatePath } from 'next/cache'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { errorText } from '@/lib/error-text'
import { postedFrom, requireViewer } from '@/lib/viewer'
import { insertNote, removeNote } from './notes'

const databaseUnavailable = (failure: string): FormState => ({
  problem: {
    code: 'database_unavailable',
    message: `${failure} Try again in a moment.`,
  },
})

export async function addNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer(await postedFrom('/dashboard'))
  const text = String(data.get('text') ?? '').trim()
  if (!text) return { problem: { code: 'invalid_input', message: 'Enter a note.' } }
  if (text.length > 1_000) {
    return {
      problem: {
        code: 'invalid_input',
        message: 'The note is too long. Shorten it to 1,000 characters.',
      },
    }
  }
  return changeNotes(account?.id, 'The note was not saved. Your text is still in the form.', (id) =>
    insertNote(id, text),
  )
}

export async function deleteNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer(await postedFrom('/dashboard'))
  return changeNotes(account?.id, 'The note was not deleted.', (id) =>
    removeNote(id, String(data.get('id') ?? '')),
  )
}

async function changeNotes(
  accountId: string | undefined,
  failure: string,
  write: (accountId: string) => Promise<void>,
): Promise<FormState> {
  if (!accountId) return databaseUnavailable(failure)
  try {
    await write(accountId)
  } catch (error) {
    unstable_rethrow(error)
    console.error(`notes: ${errorText(error)}`)
    return databaseUnavailable(failure)
  }
  revalidatePath('/dashboard')
  return { problem: null }
}
