import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { errorText } from '@/lib/error-text'
import { RateLimited, tooManyAttempts } from '@/lib/rate-limit/rate-limited'

const databaseUnavailable = (failure: string): FormState => ({
  problem: {
    code: 'database_unavailable',
    message: `${failure} Try again in a moment.`,
  },
})

export const notSaved = 'The note was not saved. Your text is still in the form.'
export const notDeleted = 'The note was not deleted.'
export const maximumNoteLength = 1_000

/** The text of a note, or the problem with it. */
export function noteTextOf(typed: unknown): string | FormState {
  const text = String(typed ?? '').trim()
  if (!text) return { problem: { code: 'invalid_input', message: 'Enter a note.' } }
  if (text.length <= maximumNoteLength) return text
  return {
    problem: {
      code: 'invalid_input',
      message: 'The note is too long. Shorten it to 1,000 characters.',
    },
  }
}

/** @param who has the notes, such as "You have" */
export const tooManyNotes = (who: string, limit: number): FormState => ({
  problem: {
    code: 'too_many_notes',
    message: `${who} ${limit} notes, which is the limit. Delete one to save this one. Your text is still in the form.`,
  },
})

/**
 * Changes notes, and turns a rate limit or an outage into a problem of the form.
 * @param accountId undefined while the account cannot be looked up
 * @param write returns a problem, or null after the change
 */
export async function changeNotes(
  accountId: string | undefined,
  failure: string,
  write: (accountId: string) => Promise<FormState | null>,
): Promise<FormState> {
  if (!accountId) return databaseUnavailable(failure)
  try {
    return (await write(accountId)) ?? { problem: null }
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof RateLimited)
      return { problem: { code: error.code, message: `${failure} ${tooManyAttempts(error)}` } }
    console.error(`notes: ${errorText(error)}`)
    return databaseUnavailable(failure)
  }
}
