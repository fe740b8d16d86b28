import 'server-only'
import type { Account, KnownIdentity } from '../../account/account'
import { stytchAccount } from '../../stytch/account'
import { legacyIdentity } from './legacy-identity'
import { secondFactorGuard } from './second-factor-guard'

type Arguments = Parameters<typeof stytchAccount>

/**
 * The account of a Stytch session during the migration. Every sign-in and every request of a Stytch session gets its
 * account here, so that no way to sign in goes around the guard.
 * @throws as {@link stytchAccount} does, and {SecondFactorRequired | SecondFactorUnknown}
 */
export const openStytchAccount = (
  session: Arguments[0],
  user: Arguments[1],
  prepare: Arguments[3] = null,
  found: Promise<KnownIdentity | null> | null = null,
): Promise<Account> =>
  stytchAccount(session, user, legacyIdentity, prepare, { guard: secondFactorGuard, found })
