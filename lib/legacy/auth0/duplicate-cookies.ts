import { type Credentials, maximumCandidates, valuesOf } from '../../token/credentials'

export type SessionCookies = [name: string, value: string][]

/**
 * The combinations of session cookies that may be one sealed session. A site on a sibling subdomain can plant a cookie
 * of the same name, a whole cookie beside chunks, or one more chunk. The seal tells which combination is genuine.
 * @param wholeName of the cookie that is not a chunk
 * @param names of the session cookies in the request
 * @returns null when there are too many
 */
export function sessionCandidates(
  credentials: Credentials,
  wholeName: string,
  names: readonly string[],
): SessionCookies[] | null {
  const whole = names.includes(wholeName)
    ? valuesOf(credentials, wholeName).map((value): SessionCookies => [[wholeName, value]])
    : []
  const chunks = names.filter((name) => name !== wholeName).sort(byIndex)
  const shorter: SessionCookies[] = []
  let combined: SessionCookies[] = [[]]
  for (const name of chunks) {
    if (name !== chunks[0]) shorter.unshift(...combined)
    combined = combined.flatMap((rest) =>
      valuesOf(credentials, name).map((value): SessionCookies => [...rest, [name, value]]),
    )
    if (combined.length > maximumCandidates) return null
  }
  const candidates = chunks.length > 0 ? [...whole, ...combined] : whole
  if (candidates.length > maximumCandidates) return null
  return [...candidates, ...shorter].slice(0, maximumCandidates)
}

const byIndex = (one: string, other: string): number =>
  Number(one.split('__').at(-1)) - Number(other.split('__').at(-1))
