/** The query parameters of a page. Untrusted input. */
export type SearchParams = Record<string, string | string[] | undefined>

/** The first value of a parameter that may be repeated. */
export const firstValue = (value: SearchParams[string]): string | undefined =>
  Array.isArray(value) ? value[0] : value
