/**
 * Keeps the text of a submitted note until it is saved. If the session has ended, the submit redirects to the
 * login, and the text would be lost. The draft belongs to one browser tab and one account, in one list of notes.
 */
const keyOf = (draft: string) => `note-draft:${draft}`

/** The session storage, or null where the browser blocks it. */
const storage = (): Storage | null => {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

export const readDraft = (draft: string): string =>
  storage()?.getItem(keyOf(draft))?.slice(0, 1_000) ?? ''

/** Saves a draft. An empty text deletes it. */
export function saveDraft(draft: string, text: string): void {
  try {
    if (text) storage()?.setItem(keyOf(draft), text)
    else storage()?.removeItem(keyOf(draft))
  } catch {
    // The storage is full. The form works without a draft.
  }
}
