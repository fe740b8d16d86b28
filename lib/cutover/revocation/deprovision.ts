import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import type { Identity } from '../../account/account'
import { type Database, inTransaction } from '../../db/database'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { legacyRecords } from '../../legacy/configured-records'
import { liftBlock, listUser } from '../../revocation/revocation-list'
import { stytchIssuerName } from '../../stytch/issuer'
import { recordEvent } from '../events/record'
import { openRevocationJobs, type RevocationJob } from './jobs'
import { revocationJobOf } from './revoker'

type Cause = Parameters<typeof listUser>[2]

/**
 * Ends all sessions of a user that a provider has blocked or deleted. The list refuses them at once, on both lanes and
 * every instance. Jobs in the same transaction revoke the sessions at Stytch. Auth0 ends its own.
 * @returns false when this was done before
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function deprovision(identity: Identity, cause: Cause, now: Date): Promise<boolean> {
  const enqueue = await openRevocationJobs()
  const accountId = await inTransaction(async (tx) => {
    if (!(await listUser(tx, identity, cause, now))) return undefined
    const account = await accountOf(tx, identity)
    for (const job of account.revocations) await enqueue(tx, job)
    return account.id
  })
  if (accountId === undefined) return false
  const lane = identity.issuer === stytchIssuerName() ? 'stytch' : 'legacy'
  await record(identity, accountId, 'sessions_ended', `${lane}_${cause}`, now)
  return true
}

/**
 * Reads a user's record at the legacy provider and acts on it. Messages arrive late, twice and in any order, so only
 * the record counts.
 * @param mayBeDeleted false if nobody reported a deletion. A missing record then says that the Management API may be that
 *   of another tenant, which knows nobody. That must not log everybody out.
 * @throws {LegacyRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function checkLegacyUser(
  subject: string,
  now: Date,
  mayBeDeleted = false,
): Promise<void> {
  const identity = { issuer: legacyConfig().issuer, subject }
  const legacyRecord = await legacyRecords().findRecord(subject)
  if (!legacyRecord) {
    if (mayBeDeleted) await deprovision(identity, 'deleted', now)
  } else if (legacyRecord.blocked === 'yes') await deprovision(identity, 'blocked', now)
  // The mirror blocks the record of a deleted Stytch user. The user may sign up there again.
  else if (legacyRecord.blocked === 'by_mirror')
    await deprovision(identity, 'blocked_by_mirror', now)
  else {
    const lifted = await inTransaction(async (tx) =>
      (await liftBlock(tx, identity, now)) ? await accountOf(tx, identity) : null,
    )
    if (lifted) await record(identity, lifted.id, 'unblocked', 'legacy_unblocked', now)
  }
}

/**
 * Reads the account in the transaction. A cached account may be older than a move of the identity, and the sessions of
 * another user would be revoked.
 */
async function accountOf(
  tx: Database,
  { issuer, subject }: Identity,
): Promise<{ id: string | null; revocations: RevocationJob[] }> {
  const isThis = and(eq(identities.issuer, issuer), eq(identities.subject, subject))
  const rows = await tx
    .select({ id: identities.accountId, issuer: identities.issuer, subject: identities.subject })
    .from(identities)
    .where(
      sql`${identities.accountId} = (${tx.select({ id: identities.accountId }).from(identities).where(isThis)})`,
    )
  return { id: rows[0]?.id ?? null, revocations: rows.flatMap((row) => revocationJobOf(row) ?? []) }
}

const record = (
  { issuer, subject }: Identity,
  accountId: string | null,
  result: 'sessions_ended' | 'unblocked',
  reason: string,
  at: Date,
): Promise<void> =>
  recordEvent({
    at,
    kind: 'deprovision',
    accountId,
    issuer,
    subject,
    lane: 'anonymous',
    result,
    reason,
    milliseconds: 0,
    policyVersion: 0,
  })
