/** What a form shows after it was sent: nothing, or what went wrong and what to do. Never a password. */
export type FormState = {
  problem: { code: string; message: string } | null
  email?: string
}
