import 'server-only'
import { config } from '../config'
import { isLegacyCookie } from './session'

type CookieJar = {
  getAll(): { name: string }[]
  set(name: string, value: string, options: object): unknown
}

/**
 * Ends the legacy session in this browser. The SDK has no call for it that works without a redirect,
 * so its cookies, which may come in chunks, are expired one by one with the attributes it gave them.
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
