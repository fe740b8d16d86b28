import 'server-only'
import { and, eq } from 'drizzle-orm'
import { findIdentity, openAccount, type Profile } from '../../account/account'
import { columnsOf, proofRules } from '../../account/proof'
import { type Database, inTransaction } from '../../db/database'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { StytchRefusal } from '../../stytch/client'
import { stytchIssuerName } from '../../stytch/issuer'
import type { Limiter } from '../backfill/import/limiter'
import type { ImportedUser } from '../backfill/import/stytch-users'
import { isEmailTwice, type LegacyUser } from './legacy-user'
import { type Forwarded, leftOut, written } from './outcome'

/**
 * Gives a Stytch user whom nobody has used the address that the legacy provider has verified.
 * @param isUnused asked only if it matters
 * @throws {LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function forwardAddress(
  user: LegacyUser,
  at: { stytchUser: ImportedUser; isUnused: () => Promise<boolean>; call: Limiter; now: Date },
): Promise<Forwarded> {
  const { stytchUser, isUnused, call, now } = at
  const { email } = user
  if (email === null) return leftOut('email_missing')
  if (!user.emailVerified) return leftOut('email_unverified')
  if (!(await isUnused())) return leftOut('address_needs_proof')
  if (await isEmailTwice(user, email)) return leftOut('email_twice')
  // An earlier attempt may have got no answer.
  if (stytchUser.email !== email) {
    const refusal = await exchange(call, stytchUser.id, email)
    if (refusal) return leftOut(refusal)
  }
  await moveIdentities(user, { email, stytchUserId: stytchUser.id, now })
  return written('address')
}

async function exchange(
  call: Limiter,
  user_id: string,
  email_address: string,
): Promise<'address_taken' | 'address_needs_proof' | null> {
  try {
    await call((client) => client.users.exchangePrimaryFactor({ user_id, email_address }))
    return null
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
    if (error.errorType === 'duplicate_email') return 'address_taken'
    // Stytch exchanges the address only of a user with one factor, and may count the password.
    if (error.errorType === 'invalid_exchange_primary_factor_user') return 'address_needs_proof'
    throw error
  }
}

/** The legacy provider has verified this address by now. Older sessions must prove it themselves. */
const profileOf = ({ subject, name }: LegacyUser, email: string, now: Date): Profile => ({
  issuer: legacyConfig().issuer,
  subject,
  email,
  name,
  isCurrent: true,
  session: { key: proofRules.import, startedAt: now },
  proof: { by: proofRules.import, at: now },
})

/**
 * Writes a new address to the legacy identity of a user who is not at Stytch yet, if the app knows the user with another
 * one. Otherwise an import would create the user with the old address.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function moveLegacyIdentity(
  user: LegacyUser,
  email: string,
  now: Date,
): Promise<void> {
  const known = await findIdentity({ issuer: legacyConfig().issuer, subject: user.subject })
  if (known?.proof && known.email !== email) await openAccount(profileOf(user, email, now))
}

/** Writes the new proof of both identities in one transaction. With only one of them, the user would be refused. */
async function moveIdentities(
  user: LegacyUser,
  moved: { email: string; stytchUserId: string; now: Date },
): Promise<void> {
  const { email, stytchUserId, now } = moved
  const profile = profileOf(user, email, now)
  const moveStytchUser = (tx: Database, accountId: string) =>
    tx
      .update(identities)
      .set({ email, ...columnsOf(profile.proof) })
      .where(
        and(
          eq(identities.issuer, stytchIssuerName()),
          eq(identities.subject, stytchUserId),
          eq(identities.accountId, accountId),
          eq(identities.provedBy, proofRules.import),
        ),
      )
  let isMoved = false
  const account = await openAccount(profile, null, async () => async (tx, opened) => {
    await moveStytchUser(tx, opened.id)
    isMoved = true
  })
  // The user has signed in at the legacy login with the new address before.
  if (!isMoved) await inTransaction((tx) => moveStytchUser(tx, account.id))
}
