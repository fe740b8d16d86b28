/** The page after a sign-in that began on the login page itself. */
export const defaultReturnTo = '/dashboard'

/**
 * The path of this site to return to after signing in. Everything else becomes the dashboard.
 *
 * Browsers read `//host` and `/\host` as another site, also with tabs or line breaks inside. `/.//host` becomes
 * another site when it is resolved. So a path may have only printable characters, no backslash, and one leading slash
 * after resolving. The sign-in pages are refused, because they would redirect to themselves.
 */
export function safeReturnTo(value: unknown): string {
  if (typeof value !== 'string' || value.length > 2_048) return defaultReturnTo
  if (!value.startsWith('/') || /[^\x21-\x7e]|\\/.test(value)) return defaultReturnTo
  const base = 'https://return-to.invalid'
  let url: URL
  try {
    url = new URL(value, base)
  } catch {
    return defaultReturnTo
  }
  if (url.origin !== base || url.pathname.startsWith('//')) return defaultReturnTo
  if (/^\/(?:login|authenticate|auth|api|unavailable)(?:\/|$)/i.test(url.pathname))
    return defaultReturnTo
  return url.pathname + url.search + url.hash
}
