import 'server-only'
import { and, eq } from 'drizzle-orm'
import { type Account, openAccount, type Profile } from '../../../account/account'
import { columnsOf, epoch, type Proof, proofRules } from '../../../account/proof'
import { type Database, inTransaction } from '../../../db/database'
import { identities } from '../../../db/schema'
import { legacyConfig } from '../../../legacy/config'
import { stytchIssuerName } from '../../../stytch/issuer'

/** The Stytch user belongs to another account already. */
export class AccountConflict extends Error {
  readonly code = 'account_conflict'
  constructor() {
    super('The Stytch user belongs to another account.')
    this.name = 'AccountConflict'
  }
}

type User = {
  subject: string
  /** The user, or the member of an organization. */
  stytchUserId: string
  /** The consumer project by default. */
  stytchIssuer?: string
  email: string
  name: string
  /** Whether both providers' users are proved to be the holder of the address. */
  isProved: boolean
  /** The time of the plan. The legacy provider called the address verified before it. */
  plannedAt: Date
}

/**
 * Writes the account and both identities in one transaction, so that the later carry-over finds a proved user.
 *
 * Nobody else can have made the Stytch user, so no session of it is refused. A legacy session from before the plan may
 * be that of an attacker, who signed up with the address before its owner verified it. So it must prove the address
 * itself, as nearly all do: Auth0 called the address verified at their sign-in.
 * @throws {AccountConflict | DatabaseUnavailable} and driver errors. Then nothing is written.
 */
export async function linkIdentities(user: User): Promise<Account> {
  const { subject, email, name, isProved, plannedAt } = user
  const profile: Profile = {
    issuer: legacyConfig().issuer,
    subject,
    email,
    name,
    // The file is older than a change that the user has made since.
    isCurrent: false,
    session: { key: proofRules.import, startedAt: plannedAt },
    proof: isProved ? { by: proofRules.import, at: plannedAt } : null,
  }
  let isLinked = false
  const account = await openAccount(profile, null, async () => async (tx, opened) => {
    await linkStytchUser(tx, opened, user)
    isLinked = true
  })
  // The legacy identity was complete already, so the transaction above has not run.
  if (!isLinked) await inTransaction((tx) => linkStytchUser(tx, account, user))
  return account
}

async function linkStytchUser(
  tx: Database,
  account: Account,
  { stytchUserId, stytchIssuer = stytchIssuerName(), email, isProved }: User,
): Promise<void> {
  const proof: Proof | null = isProved ? { by: proofRules.import, at: epoch } : null
  const values = { accountId: account.id, email, ...columnsOf(proof) }
  const key = { issuer: stytchIssuer, subject: stytchUserId }
  const isIdentity = and(eq(identities.issuer, key.issuer), eq(identities.subject, key.subject))
  const insert = tx.insert(identities).values({ ...key, ...values })
  await (proof
    ? insert.onConflictDoUpdate({
        target: [identities.issuer, identities.subject],
        set: values,
        setWhere: eq(identities.emailVerified, false),
      })
    : insert.onConflictDoNothing())
  const [written] = await tx
    .select({ accountId: identities.accountId })
    .from(identities)
    .where(isIdentity)
  if (written?.accountId !== account.id) throw new AccountConflict()
}
