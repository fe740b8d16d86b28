import 'server-only'
import { cookies } from 'next/headers'
import { type Account, subjectsOf } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import type { StytchUser } from '../../stytch/users'
import { type Flag, flagCookie, visitorIdOf } from '../cohort/flag-cookie'
import { currentFlag } from '../routing/current-request'

/**
 * Remembers in the flag cookie whether the user who signs in now at Stytch also signed up there. Under the rule
 * "new sign-ups only" this device then shows the Stytch login after a sign-out.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function rememberSignUp(account: Account, user: StytchUser): Promise<void> {
  const isNewSignUp = user.externalId === null && !(await hadLegacyAccount(account))
  const flag = (await currentFlag()) ?? (await firstFlag(user))
  if (flag.isNewSignUp === isNewSignUp) return
  const jar = await cookies()
  jar.set(await flagCookie({ ...flag, isNewSignUp }))
}

/** The flag of a device without a flag cookie. The middleware corrects the flow with the next page. */
export const firstFlag = async ({ id }: Pick<StytchUser, 'id'>): Promise<Flag> => ({
  visitorId: await visitorIdOf(id),
  flow: 'stytch',
  pin: null,
  organization: null,
  isNewSignUp: false,
  keptOnLegacy: null,
})

/** The record that the mirror creates has the account id at the end of its subject, and does not count. */
async function hadLegacyAccount(account: Account): Promise<boolean> {
  const subjects = await subjectsOf(account, legacyConfig().issuer)
  return subjects.some((subject) => !subject.endsWith(account.id))
}
