/** The query of a page's address: anybody may have written it. */
export type Search = Record<string, string | string[] | undefined>

/** A parameter that is meant to come once. */
export const one = (value: Search[string]): string | undefined =>
  Array.isArray(value) ? value[0] : value
