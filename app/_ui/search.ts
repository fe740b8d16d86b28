/** The query of a page's address. It comes from the client and is not trusted. */
export type Search = Record<string, string | string[] | undefined>

/** The value of a parameter that must come once. When it comes several times, the first one counts. */
export const one = (value: Search[string]): string | undefined =>
  Array.isArray(value) ? value[0] : value

/** The address of a page: its path and query. */
export function addressOfPage(path: string, search: Search): string {
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(search)) {
    for (const value of [values ?? []].flat()) parameters.append(name, value)
  }
  return parameters.size > 0 ? `${path}?${parameters}` : path
}
