import 'server-only'
import { type Account, linkIdentity } from '../../account/account'
import { recordFirstSession } from '../../account/imported-identity'
import type { Proof } from '../../account/proof'
import type { LegacySession } from '../../legacy/session'
import type { Userinfo } from '../../legacy/userinfo'
import { ProviderFailure } from '../../provider-failure'
import { stytchIssuerName } from '../../stytch/issuer'
import { stytchSessionKey } from '../../stytch/session-key'
import type { SignedIn } from '../../stytch/sign-in'
import { createUser, findUserByEmail } from '../../stytch/users'
import { externalIdOf } from './external-id'
import { migrateSession } from './migrate-session'
import { MigrationRefused } from './outcome'
import { consumerSessions } from './project-sessions'
import { proveStytchUser } from './proof'
import type { MigrationTarget, SessionRequest } from './target'

/** A user of the consumer project. */
export const consumerTarget: MigrationTarget = {
  organizationId: null,
  sessions: consumerSessions,
  async find(legacy, legacyUser) {
    return {
      hasSecondFactor: async () =>
        (await findUserByEmail(legacyUser.email))?.hasSecondFactor ?? false,
      async open(account, request) {
        const { session, createdUserId } = await openSession(legacy, legacyUser, request)
        return {
          session,
          prove: () => proveStytchUser(session, createdUserId, legacyUser, account),
          link: (proof) => linkUser(account, session, proof),
        }
      },
    }
  },
}

async function openSession(
  { subject }: LegacySession,
  { email, name }: Userinfo,
  { token, minutes, customClaims }: SessionRequest,
): Promise<{ session: SignedIn; createdUserId: string | null }> {
  const known = await migrateSession(await token(), minutes, customClaims)
  if (known) return { session: known, createdUserId: null }
  const createdUserId = await createUser({ email, name, externalId: externalIdOf(subject) })
  const created = await migrateSession(await token(), minutes, customClaims)
  if (created) return { session: created, createdUserId }
  throw new ProviderFailure(
    'stytch',
    'unexpected_response',
    'Stytch does not find the user that it just created',
  )
}

async function linkUser(account: Account, signedIn: SignedIn, proof: Proof): Promise<SignedIn> {
  const { user, sessionId, startedAt } = signedIn
  const identity = { issuer: stytchIssuerName(), subject: user.id }
  const key = stytchSessionKey(sessionId)
  const linked = await linkIdentity(account, {
    ...identity,
    email: user.email,
    name: user.name,
    isCurrent: true,
    session: { key, startedAt },
    proof,
  })
  if (!linked) throw new MigrationRefused('account_conflict')
  // The attempt has checked the second factor, so the first request of this session must not be refused for it.
  await recordFirstSession(identity, key)
  return signedIn
}
