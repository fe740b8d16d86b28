/** The credentials of a request, as text. Nothing here is verified. */
export type Credentials = {
  /** The token of `Authorization: Bearer`. When there is one, cookies are ignored. */
  bearer: string | null
  /** Cookies by name. */
  cookies: ReadonlyMap<string, string>
  /**
   * The values of cookies that were sent more than once, by name. `cookies` has the last one, which may be planted: a
   * site on a sibling subdomain can set cookies for this one.
   */
  duplicates: ReadonlyMap<string, readonly string[]>
}

/** How many cookies of one name are tried. Each costs a signature or a seal. */
export const maximumCandidates = 4

/** Every value of a cookie in a request. */
export const valuesOf = ({ cookies, duplicates }: Credentials, name: string): readonly string[] => {
  const value = cookies.get(name)
  return duplicates.get(name) ?? (value === undefined ? [] : [value])
}

/** Reads the credentials of a request from its headers (RFC 6750 section 2.1, RFC 6265 section 5.4). */
export function readCredentials(headers: { get(name: string): string | null }): Credentials {
  const cookies = new Map<string, string>()
  const duplicates = new Map<string, string[]>()
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(at, 0)).trim()
    if (name === '') continue
    const value = decodeCookie(pair.slice(at + 1).trim())
    const earlier = cookies.get(name)
    if (earlier !== undefined) {
      duplicates.set(name, [...(duplicates.get(name) ?? [earlier]), value])
    }
    cookies.set(name, value)
  }
  const authorization = headers.get('authorization')?.match(/^bearer(?: (.*))?$/is)
  return { bearer: authorization ? (authorization[1] ?? '') : null, cookies, duplicates }
}

function decodeCookie(value: string): string {
  // Decoding copies the value, and a sealed session has thousands of characters.
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
