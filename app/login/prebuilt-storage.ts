/*
 * State of a pre-built UI sign-in in the browser's local storage. It is separate from the SDK, so that pages can
 * read it without loading the SDK.
 */

const returnToKey = 'cutover.returnTo'

/** Saves the return address. Stytch accepts only registered redirect URLs, so a link cannot carry it. */
export const saveReturnTo = (returnTo: string): void => localStorage.setItem(returnToKey, returnTo)

/** Stytch's answer to a sign-in. */
export type SignInAnswer = { session_token: string; session_jwt: string }

/** The form data for `adoptSession`. The server validates all of it. */
export function adoptSessionForm(answer: SignInAnswer, returnTo?: string): FormData {
  const form = new FormData()
  form.set('sessionToken', answer.session_token)
  form.set('sessionJwt', answer.session_jwt)
  form.set('returnTo', returnTo ?? localStorage.getItem(returnToKey) ?? '')
  return form
}

/** Whether this browser has the PKCE verifier of a link that the pre-built UI requested. */
export const hasCodeVerifier = (
  publicToken: string,
  product: 'magic_links' | 'passwords',
): boolean =>
  localStorage.getItem(`stytch_sdk_state_${publicToken}::PKCE_VERIFIER:${product}`) !== null
