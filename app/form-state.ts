/** State of a form after a submit: an error message, if any, and the typed email address. Never a password. */
export type FormState = {
  problem: { code: string; message: string } | null
  email?: string
}
