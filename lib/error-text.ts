/**
 * What to log of an error. A failed query's own message repeats its parameters, and those may be a person's
 * address or a sealed token: what counts is the cause.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('query' in error && error.cause) return `the query failed: ${errorText(error.cause)}`
  return error.message
}
