import 'server-only'
import { config } from '../config'
import { legacyProvider } from './configured-provider'

export type CookieJar = {
  getAll(): { name: string }[]
  set(name: string, value: string, options: object): unknown
}

/**
 * Ends the legacy session in this browser. Auth0's SDK can do that only with a redirect, so each of its
 * cookies is expired here, with the attributes that the SDK set.
 */
export const expireLegacyCookies = (jar: CookieJar): void =>
  expireCookies(jar, legacyProvider().isCookie)

/** Expires the cookies of one login. @param isOne whether the cookie is one of them */
export function expireCookies(jar: CookieJar, isOne: (name: string) => boolean): void {
  for (const { name } of jar.getAll()) {
    if (!isOne(name)) continue
    jar.set(name, '', {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: config().secureCookies,
      expires: new Date(0),
    })
  }
}
