import 'server-only'
import { legacyConfig } from '../../legacy/config'
import { listedUsers } from '../../revocation/revocation-list'
import type { Limiter } from '../backfill/import/limiter'
import { findUser } from '../backfill/import/stytch-users'
import { externalIdOf } from '../migration/external-id'
import { checkLegacyUser } from '../revocation/deprovision'
import { forwardNewUser } from './create-user'
import { forwardDeletion } from './delete-user'
import { forwardAddress } from './exchange-address'
import type { ForwardJob } from './forward-jobs'
import { type KnownUser, knownUser } from './known-user'
import { type LegacyUser, readLegacyUser } from './legacy-user'
import { type Forwarded, leftOut } from './outcome'
import { isInExport } from './plan-time'
import { forwardPassword, isPasswordOld } from './remove-password'
import { forwardName, isRenamed } from './rename-user'
import { isUnused } from './stytch-usage'
import { dropWaitingHashes, type ImportRow, importRowsOf, stopImport } from './waiting-rows'

/** Called with each thing that was written or left out, at once. A later step may fail. */
type Report = (forwarded: Forwarded) => Promise<void>

/**
 * Brings the Stytch user of one legacy user up to date. It reads the user at the legacy provider first, since the job is
 * only a hint. Idempotent: a job may run again after any failure.
 * @throws {ImportInProgress | MirrorIsWriting | SessionsAreEnding} the job must run again later
 * @throws {LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function forwardUser(job: ForwardJob, call: Limiter, report: Report): Promise<void> {
  const { subject, cause } = job
  if (externalIdOf(subject) === null) return report(leftOut('external_id_impossible'))
  const now = new Date()
  const user = await readLegacyUser(subject)
  // Without a report of a deletion, the Management API may be that of another tenant, which knows nobody.
  if (!user && cause !== 'deleted') return
  const isPasswordNew = user !== null && (await isNewPassword(user, job))
  // First the import is kept from writing what its older file says. Then the app looks what it has written so far.
  if (!user || user.isBlocked) await stopImport(subject, 'blocked')
  if (isPasswordNew) await dropWaitingHashes(subject)
  const [known, rows] = await Promise.all([knownUser(subject), importRowsOf(subject)])

  if (!user) {
    const deletion = await forwardDeletion(subject, known, rows, { call, now })
    if (deletion) await report(deletion)
    return
  }
  if (known) await settleBlock(user, now)
  if (user.isBlocked) return known ? undefined : report(leftOut('blocked'))
  if (!known?.stytch) return report(await forwardNewUser(user, rows, call, now))
  await forwardChanges(user, known, { rows, isPasswordNew, call, now, report })
}

/** A log may come days late, or again. The files of a later plan have the new password then. */
async function isNewPassword(user: LegacyUser, { cause, at }: ForwardJob): Promise<boolean> {
  const rows = await importRowsOf(user.subject)
  if (isPasswordOld(user.passwordSetAt, rows)) return true
  const withHash = rows.filter(({ hasHash }) => hasHash)
  const isKnown =
    at != null &&
    withHash.length > 0 &&
    withHash.every(({ plannedAt }) => isInExport(new Date(at), plannedAt))
  return cause === 'password' && !isKnown
}

/** Acts on a block of a known user, and on its end. */
async function settleBlock({ subject, isBlocked }: LegacyUser, now: Date): Promise<void> {
  const listed = (await listedUsers(legacyConfig().issuer, [subject])).get(subject)
  const isListed = listed === 'blocked' || listed === 'blocked_by_mirror'
  if (isListed !== isBlocked) await checkLegacyUser(subject, now)
}

type Changes = {
  rows: ImportRow[]
  isPasswordNew: boolean
  call: Limiter
  now: Date
  report: Report
}

/** Writes what differs to a user who is at Stytch already. */
async function forwardChanges(
  user: LegacyUser,
  known: KnownUser,
  { rows, isPasswordNew, call, now, report }: Changes,
): Promise<void> {
  // No export and no call brings a second factor along.
  if (user.hasMfa) await report(leftOut('mfa_enrolled'))
  const isMoved = user.email !== known.stytch?.email
  if (!isMoved && !isPasswordNew && !isRenamed(user, known)) return
  const stytchUser = known.stytch && (await findUser(call, known.stytch.userId))
  if (!stytchUser) return report(leftOut('gone_at_stytch'))
  let unused: Promise<boolean> | undefined
  const askUnused = () => {
    unused ??= isUnused(user.subject, stytchUser, rows, call)
    return unused
  }
  const at = { stytchUser, isUnused: askUnused, call, now, subject: user.subject }
  const steps = [
    // The password first: it may be known to an attacker.
    () => (isPasswordNew ? forwardPassword(known.accountId, rows, at) : null),
    () => (isMoved ? forwardAddress(user, at) : null),
    () => (isRenamed(user, known) ? forwardName(user.name, known, at) : null),
  ]
  for (const step of steps) {
    const forwarded = await step()
    if (forwarded) await report(forwarded)
  }
}
