/** Where someone goes who comes from nowhere in particular. */
export const defaultReturnTo = '/dashboard'

/**
 * A path of this site to go back to after signing in; anything else becomes the dashboard.
 *
 * Browsers read `//host`, `/\host`, and either with tabs or line breaks inside, as another site, and
 * `/.//host` becomes one when it is resolved. So: printable, no backslash, and still one slash after
 * resolving. Pages of the sign-in itself would lead in circles.
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
