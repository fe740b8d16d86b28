/** The query parameters of a page. Untrusted input. */
export type SearchParams = Record<string, string | string[] | undefined>

/** The first value of a parameter that may be repeated. */
export const firstValue = (value: SearchParams[string]): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** The address of a page: its path and query. */
export function addressOfPage(path: string, searchParams: SearchParams): string {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(searchParams)) {
    for (const value of [values ?? []].flat()) query.append(name, value)
  }
  return query.size > 0 ? `${path}?${query}` : path
}
