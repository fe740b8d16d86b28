import 'server-only'
import { type Account, findAccount, subjectsOf } from '../../account/account'
import { legacyRecords } from '../../legacy/configured-records'
import type { LegacyRecords } from '../../legacy/provider'
import { type LegacyRecord, LegacyRefusal } from '../../legacy/record'
import { StytchRefusal } from '../../stytch/client'
import { stytchIssuerName } from '../../stytch/issuer'
import { fetchUser, type StytchUser } from '../../stytch/users'
import {
  isMirrorRecord,
  link,
  linkExistingRecord,
  linkedRecords,
  localId,
  MirrorRefused,
  randomPassword,
} from './legacy-records'
import { hasLiveMember } from './members'
import {
  completePendingPassword,
  type PendingPassword,
  readPendingPassword,
} from './pending-password'
import type { UserJob } from './queue'
import type { SyncResult } from './sync-result'

/**
 * Updates the legacy record of one account to the current state of its Stytch user. Idempotent: it reads each
 * record before it writes, so a job may run again after any failure.
 *
 * @throws {MirrorRefused} a retry would not help
 * @throws {ProviderFailure | LegacyRefusal} a retry may help
 */
export async function syncRecord(job: UserJob, now: Date): Promise<SyncResult> {
  const account = await readAccount(job)
  if (!account) return gone
  const found = await userOrNull(job.userId)
  if (!found) return job.change === 'deleted' ? deprovisionRecords(account, job.userId) : gone
  if (!found.email) throw new MirrorRefused('address_missing')
  const user = withProvedAddress(account, found)
  const records = await linkedRecords(account, user)
  const pending = await readPendingPassword(account.id, now)
  const linked = records.find(({ hasPassword }) => hasPassword) ?? records[0]
  if (linked) return updateRecord(account, user, linked, pending, 'updated')
  const existing = await linkExistingRecord(account, user)
  if (existing) return updateRecord(account, user, existing, pending, 'linked')
  return createRecord(account, user, pending)
}

/** The account, if the job's Stytch user still belongs to it and has proved an address. */
async function readAccount({ accountId, userId }: UserJob): Promise<Account | null> {
  const account = await findAccount({ issuer: stytchIssuerName(), subject: userId })
  return account?.id === accountId && account.provedEmail !== null ? account : null
}

/**
 * The user with the address that the Stytch identity of this account proved. Stytch calls another address of the user
 * verified, too, when its reader has signed in with it. That reader may be a stranger, whose address an attacker added
 * to the own user. Written as verified to the legacy record, it would give the attacker the stranger's rights.
 */
function withProvedAddress({ provedEmail }: Account, user: StytchUser): StytchUser {
  const proved = user.addresses.find(({ email, verified }) => verified && email === provedEmail)
  return { ...user, email: proved?.email ?? user.email, emailVerified: proved !== undefined }
}

/** There is no account or no Stytch user, so there is nothing to write. */
const gone: SyncResult = { result: 'gone', subject: null, password: 'untouched' }

async function userOrNull(userId: string): Promise<StytchUser | null> {
  try {
    return await fetchUser(userId)
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
    if (error.errorType === 'user_not_found') return null
    throw new MirrorRefused(`stytch_${error.errorType}`)
  }
}

async function createRecord(
  account: Account,
  user: StytchUser,
  pending: PendingPassword | null,
): Promise<SyncResult> {
  const { email, emailVerified, name } = user
  // Nobody proved this address: the record would be unverified, and its mail would go to a stranger.
  if (!emailVerified) throw new MirrorRefused('address_unproved')
  const subject = legacyRecords().recordId(localId(account))
  // The record is linked before it is created, because a user may sign in with it at once and must get this account.
  await link(account, { id: subject, email, name })
  const metadata = { account_id: account.id, stytch_user_id: user.id }
  const record = { email, emailVerified, name, metadata }
  let password: SyncResult['password'] = 'same'
  try {
    if (!pending?.password) throw new PasswordUnusable()
    await legacyRecords()
      .createRecord(localId(account), { ...record, password: pending.password })
      .catch(throwUnusable)
  } catch (error) {
    if (!(error instanceof PasswordUnusable)) throw error
    await legacyRecords().createRecord(localId(account), { ...record, password: randomPassword() })
    await legacyRecords().mailSetPassword(email)
    password = 'mailed'
  }
  if (pending) await completePendingPassword(account.id, pending)
  return { result: 'created', subject, password }
}

/** There is no password, or the password policy of the legacy provider refuses it. */
class PasswordUnusable extends Error {}

function throwUnusable(error: unknown): never {
  if (error instanceof LegacyRefusal && error.status === 400) throw new PasswordUnusable()
  throw error
}

async function updateRecord(
  account: Account,
  user: StytchUser,
  record: LegacyRecord,
  pending: PendingPassword | null,
  result: 'updated' | 'linked',
): Promise<SyncResult> {
  const changes = changesOf(user, record)
  if (Object.keys(changes).length > 0) {
    await legacyRecords()
      .updateRecord(record.id, changes)
      .catch((error: unknown) => {
        const isTaken = error instanceof LegacyRefusal && changes.email !== undefined
        throw isTaken && error.status === 400 ? new MirrorRefused('address_taken') : error
      })
  }
  const email = changes.email ?? record.email
  const password = await writePendingPassword(account, record, email, pending)
  const isSame =
    Object.keys(changes).length === 0 && password === 'untouched' && result === 'updated'
  return { result: isSame ? 'unchanged' : result, subject: record.id, password }
}

function changesOf(
  user: StytchUser,
  record: LegacyRecord,
): Parameters<LegacyRecords['updateRecord']>[1] {
  // Stytch uses the address of a user without a name. The legacy record keeps its name then.
  const isNamed = user.name !== '' && user.name.toLowerCase() !== user.email
  const isEmailChanged = user.email !== record.email
  const { emailVerified } = user
  return {
    ...(isNamed && user.name !== record.name && { name: user.name }),
    ...(isEmailChanged && emailVerified && { email: user.email, emailVerified }),
    ...(!isEmailChanged && emailVerified && !record.emailVerified && { emailVerified: true }),
  }
}

/** Writes the pending password to an existing record, or sends the set-password mail. */
async function writePendingPassword(
  account: Account,
  record: LegacyRecord,
  email: string,
  pending: PendingPassword | null,
): Promise<SyncResult['password']> {
  if (!pending) return 'untouched'
  let written: SyncResult['password'] = 'untouched'
  // A record that existed before has its password already. To write it again would end its sessions.
  if (record.hasPassword && (isMirrorRecord(account, record) || !pending.forNewRecord)) {
    written = 'same'
    try {
      if (!pending.password) throw new PasswordUnusable()
      await legacyRecords().setRecordPassword(record.id, pending.password).catch(throwUnusable)
    } catch (error) {
      if (!(error instanceof PasswordUnusable)) throw error
      // The user set a new password at Stytch, so the old one must not work any more.
      if (!pending.forNewRecord)
        await legacyRecords().setRecordPassword(record.id, randomPassword())
      await legacyRecords().mailSetPassword(email)
      written = 'mailed'
    }
  }
  await completePendingPassword(account.id, pending)
  return written
}

/**
 * Deprovisions the legacy records of a user who was deleted at Stytch. Records of the mirror are deleted. Records
 * that existed before are blocked, which an administrator can undo.
 */
async function deprovisionRecords(account: Account, userId: string): Promise<SyncResult> {
  for (const other of await subjectsOf(account, stytchIssuerName())) {
    // The account has another Stytch user, and keeps its records.
    if (other !== userId && (await userOrNull(other))) return gone
  }
  // The person still signs in to a team with this record after a rollback.
  if (await hasLiveMember(account)) return gone
  const pending = await readPendingPassword(account.id, new Date())
  if (pending) await completePendingPassword(account.id, pending)
  let last: SyncResult = gone
  for (const record of await linkedRecords(account, null)) {
    const isDeleted = isMirrorRecord(account, record)
    await (isDeleted
      ? legacyRecords().deleteRecord(record.id)
      : legacyRecords().blockRecord(record.id))
    const result = isDeleted ? 'deleted' : 'blocked'
    last = { result, subject: record.id, password: 'untouched' }
  }
  return last
}
