import 'server-only'
import { config } from '../config'
import { isLegacyCookie } from './session'

type CookieJar = {
  getAll(): { name: string }[]
  set(name: string, value: string, options: object): unknown
}

/**
 * Ends the legacy session in this browser. The SDK can do that only with a redirect, so each of its cookies is
 * expired here, with the attributes that the SDK set.
 */
export function expireLegacyCookies(jar: CookieJar): void {
  for (const { name } of jar.getAll()) {
    if (!isLegacyCookie(name)) continue
    jar.set(name, '', {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: config().secureCookies,
      expires: new Date(0),
    })
  }
}
