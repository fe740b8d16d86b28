'use server'

import { revalidatePath } from 'next/cache'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { errorText } from '@/lib/error-text'
import { requireViewer } from '@/lib/viewer'
import { insertNote, removeNote } from './notes'

const away = (what: string): FormState => ({
  problem: {
    code: 'database_unavailable',
    message: `${what} Your text is still in the form: try again in a moment.`,
  },
})

/** Adds a note of the person's own. */
export async function addNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer('/dashboard')
  const text = String(data.get('text') ?? '').trim()
  if (!text) return { problem: { code: 'invalid_input', message: 'Write something first.' } }
  if (text.length > 1_000) {
    return {
      problem: {
        code: 'invalid_input',
        message: 'A note has 1,000 characters at most. Make it shorter.',
      },
    }
  }
  return change(account?.id, 'The note could not be saved.', (id) => insertNote(id, text))
}

/** Deletes a note of the person's own. */
export async function deleteNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer('/dashboard')
  return change(account?.id, 'The note could not be deleted.', (id) =>
    removeNote(id, String(data.get('id') ?? '')),
  )
}

async function change(
  accountId: string | undefined,
  failure: string,
  write: (accountId: string) => Promise<void>,
): Promise<FormState> {
  if (!accountId) return away(failure)
  try {
    await write(accountId)
  } catch (error) {
    unstable_rethrow(error)
    console.error(`notes: ${errorText(error)}`)
    return away(failure)
  }
  revalidatePath('/dashboard')
  return { problem: null }
}
