/**
 * A note that was sent and not saved. Whoever has to sign in on the way leaves the page: without this, what
 * they wrote would be gone when they are back. Kept for this tab and this account only, until it was saved.
 */
const keyOf = (accountId: string) => `note-draft:${accountId}`

/** Storage may be switched off or full, and then throws: a note is no reason to fail. */
const storage = (): Storage | null => {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

export const readDraft = (accountId: string): string =>
  storage()?.getItem(keyOf(accountId))?.slice(0, 1_000) ?? ''

/** Keeps a draft; an empty one is forgotten. */
export function keepDraft(accountId: string, text: string): void {
  try {
    if (text) storage()?.setItem(keyOf(accountId), text)
    else storage()?.removeItem(keyOf(accountId))
  } catch {
    // No room left.
  }
}
