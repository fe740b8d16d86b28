import 'server-only'
import { type Account, findAccount, type Identity, openAccount } from '../account/account'
import { fetchUser, type StytchUser } from './users'

/**
 * The account of a Stytch user, made at first sight.
 * @param user as Stytch gave it at sign-in; asked for when it is needed and not given
 * @param formerly tells which identity an `external_id` stands for. Only our own backend writes external
 *   ids, so one says more than any address could.
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} unless the account is still remembered
 */
export async function stytchAccount(
  identity: Identity,
  user: StytchUser | null,
  formerly: (externalId: string) => Identity | null,
): Promise<Account> {
  const known = await findAccount(identity)
  if (known) return known
  const { externalId, ...profile } = user ?? (await fetchUser(identity.subject))
  return openAccount({ ...profile, ...identity }, externalId ? formerly(externalId) : null)
}
