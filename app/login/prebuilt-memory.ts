/*
 * What this browser knows of a sign-in that the pre-built UI began. Apart from the SDK, so that asking
 * does not load it.
 */

const returnToKey = 'cutover.returnTo'

/** A link of the pre-built UI comes back without it: its address must be the registered one. */
export const rememberReturnTo = (returnTo: string): void =>
  localStorage.setItem(returnToKey, returnTo)

/** What to send so that the server takes over the SDK's session; it checks `returnTo` again. */
export function adoptForm(returnTo?: string): FormData {
  const form = new FormData()
  form.set('returnTo', returnTo ?? localStorage.getItem(returnToKey) ?? '')
  return form
}

/** Whether this browser holds the verifier of a link that the pre-built UI asked for. */
export const hasVerifier = (publicToken: string, of: 'magic_links' | 'passwords'): boolean =>
  localStorage.getItem(`stytch_sdk_state_${publicToken}::PKCE_VERIFIER:${of}`) !== null
