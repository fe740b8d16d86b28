import 'server-only'
import { cookies } from 'next/headers'
import { flagCookie, flagCookieName, visitorIdOf } from '../cohort/flag-cookie'
import { currentFlag } from '../routing/current-request'
import { firstFlag } from './new-sign-up'

/**
 * Remembers in the flag cookie that this user must sign in at the legacy provider, for their second factor. Otherwise
 * an all-at-once policy would refuse the legacy session, and the user would have no login at all.
 */
export async function keepOnLegacy(
  user: { id: string },
  subject: string,
  now: Date,
  cookieName = flagCookieName,
): Promise<void> {
  const flag = (await currentFlag(cookieName)) ?? (await firstFlag(user))
  // A minute, because the clock of the legacy provider may be behind.
  const since = Math.floor(now.getTime() / 1_000) - 60
  const jar = await cookies()
  const keptOnLegacy = { user: await visitorIdOf(subject), since }
  jar.set(await flagCookie({ ...flag, keptOnLegacy }, cookieName))
}
