import { ApiError } from './errors.ts'

/** Longer than the deadline of the app, so that a test can delay userinfo beyond that deadline. */
const userinfoTimeoutMs = 30_000

/** The e-mail address that the userinfo endpoint of the other provider answers for a token. */
export async function askUserinfo(url: string | null, token: string): Promise<string> {
  if (!url) throw new ApiError('migrate_from_external_missing_userinfo')
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
      signal: AbortSignal.timeout(userinfoTimeoutMs),
    })
    const body: unknown = response.ok ? await response.json() : null
    const email = (body as { email?: unknown } | null)?.email
    if (typeof email === 'string' && email.includes('@')) return email
  } catch {
    // Unreachable, too slow, or not JSON: the caller gets the same error for all three.
  }
  throw new ApiError('migrate_from_external_unexpected_response')
}
