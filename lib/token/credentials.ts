/** The credentials of a request, as text. Nothing here is verified. */
export type Credentials = {
  /** The token of `Authorization: Bearer`. When there is one, cookies are ignored. */
  bearer: string | null
  /** Cookies by name. */
  cookies: ReadonlyMap<string, string>
  /** Names of cookies that were sent more than once. The app cannot tell which one is genuine, so it uses none. */
  duplicates: ReadonlySet<string>
}

/** Reads the credentials of a request from its headers (RFC 6750 section 2.1, RFC 6265 section 5.4). */
export function readCredentials(headers: { get(name: string): string | null }): Credentials {
  const cookies = new Map<string, string>()
  const duplicates = new Set<string>()
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(at, 0)).trim()
    if (name === '') continue
    if (cookies.has(name)) duplicates.add(name)
    cookies.set(name, decodeCookie(pair.slice(at + 1).trim()))
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
