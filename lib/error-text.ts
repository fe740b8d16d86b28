/**
 * The text to log for an error. The message of a failed query repeats its parameters, which may be an address or a
 * sealed token. So the text of its cause is used instead.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('query' in error && error.cause) return `the query failed: ${errorText(error.cause)}`
  return error.message
}
