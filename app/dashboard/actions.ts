'use server'

import { revalidatePath } from 'next/cache'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { errorText } from '@/lib/error-text'
import { countEvent } from '@/lib/rate-limit/count'
import { limits } from '@/lib/rate-limit/limits'
import { RateLimited, tooManyAttempts } from '@/lib/rate-limit/rate-limited'
import { postedFrom, requireViewer } from '@/lib/viewer'
import { insertNote, maximumNotes, removeNote } from './notes'

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
  return changeNotes(
    account?.id,
    'The note was not saved. Your text is still in the form.',
    async (id) => {
      await countEvent([limits.noteByAccount, id])
      return (await insertNote(id, text)) ? null : tooManyNotes
    },
  )
}

const tooManyNotes: FormState = {
  problem: {
    code: 'too_many_notes',
    message: `You have ${maximumNotes} notes, which is the limit. Delete one to save this one. Your text is still in the form.`,
  },
}

export async function deleteNote(_: FormState, data: FormData): Promise<FormState> {
  const { account } = await requireViewer(await postedFrom('/dashboard'))
  return changeNotes(account?.id, 'The note was not deleted.', async (id) => {
    await removeNote(id, String(data.get('id') ?? ''))
    return null
  })
}

async function changeNotes(
  accountId: string | undefined,
  failure: string,
  write: (accountId: string) => Promise<FormState | null>,
): Promise<FormState> {
  if (!accountId) return databaseUnavailable(failure)
  try {
    const problem = await write(accountId)
    if (problem) return problem
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof RateLimited)
      return { problem: { code: error.code, message: `${failure} ${tooManyAttempts(error)}` } }
    console.error(`notes: ${errorText(error)}`)
    return databaseUnavailable(failure)
  }
  revalidatePath('/dashboard')
  return { problem: null }
}
