import { config } from '../config'

/**
 * Whether a page of this app sent the request. Browsers attach cookies to requests from other sites too (CSRF).
 * @param origin of the app, or of another address of it
 */
export function isSameOrigin(
  headers: Headers,
  origin = new URL(config().appBaseUrl).origin,
): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') return false
  return headers.get('origin') === origin
}
