import 'server-only'
import { type CookieJar, expireCookies } from '../../cookies'
import { isTeamLegacyCookie } from './session'

/** Ends the legacy session of a team in this browser. */
export const expireTeamLegacyCookies = (jar: CookieJar): void =>
  expireCookies(jar, isTeamLegacyCookie)
