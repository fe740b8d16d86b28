/**
 * Keeps the text of a submitted note until it is saved. If the session has ended, the submit redirects to the
 * login, and the text would be lost. The draft belongs to one browser tab and one account.
 */
const keyOf = (accountId: string) => `note-draft:${accountId}`

/** The session storage, or null where the browser blocks it. */
const storage = (): Storage | null => {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

export const readDraft = (accountId: string): string =>
  storage()?.getItem(keyOf(accountId))?.slice(0, 1_000) ?? ''

/** Saves a draft. An empty text deletes it. */
export function saveDraft(accountId: string, text: string): void {
  try {
    if (text) storage()?.setItem(keyOf(accountId), text)
    else storage()?.removeItem(keyOf(accountId))
  } catch {
    // The storage is full. The form works without a draft.
  }
}
