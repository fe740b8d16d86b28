import { config } from '../config'

/** The start of the legacy login. Link to it with `<a>`, because the prefetch of a `<Link>` would start a login. */
export const legacyLoginPath = '/auth/login'

/** A provider with a login of its own redirects the browser to this path. app/(cutover)/auth/callback answers it. */
export const legacyCallbackPath = '/auth/callback'

/** The login page with a notice that the sign-in failed. The user can try again there. */
export function signInFailedUrl(returnTo: string): URL {
  const login = new URL('/login', config().appBaseUrl)
  login.searchParams.set('problem', 'legacy_sign_in_failed')
  login.searchParams.set('returnTo', returnTo)
  return login
}
