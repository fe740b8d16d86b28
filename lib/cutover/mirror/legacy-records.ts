import 'server-only'
import { randomBytes } from 'node:crypto'
import { type Account, linkIdentity, subjectsOf } from '../../account/account'
import { proofRules } from '../../account/proof'
import { legacyConfig } from '../../legacy/config'
import { legacyProvider } from '../../legacy/configured-provider'
import { legacyRecords } from '../../legacy/configured-records'
import type { LegacyRecord } from '../../legacy/record'

/** The records of an account at the legacy provider, which the mirror of users and that of members share. */

/** Reasons for which only an operator can retry a job. The codes are stable, because events contain them. */
export type MirrorRefusalReason =
  | 'address_taken'
  | 'address_missing'
  | 'address_unproved'
  | 'account_conflict'
  | `legacy_${string}`
  | `stytch_${string}`

/** The mirror decided not to write this record. A retry would not help. */
export class MirrorRefused extends Error {
  readonly code = 'mirror_refused'
  readonly reason: MirrorRefusalReason
  constructor(reason: MirrorRefusalReason) {
    super(`The mirror does not write the record: ${reason}.`)
    this.name = 'MirrorRefused'
    this.reason = reason
  }
}

export const legacyIssuerName = (): string => legacyConfig().issuer

/** The local id of a record that the mirror creates. The legacy provider refuses a second record with the same id. */
export const localId = ({ id }: Account): string => id

/** True for a record that the mirror created. */
export const isMirrorRecord = (account: Account, { id }: { id: string }): boolean =>
  id === legacyRecords().recordId(localId(account))

/** The legacy records of this account: the linked ones, and the one that the `external_id` of the user names. */
export async function linkedRecords(
  account: Account,
  user: { externalId: string | null } | null,
): Promise<LegacyRecord[]> {
  const linked = await subjectsOf(account, legacyIssuerName())
  const subjects = new Set([...linked, ...(user?.externalId ? [user.externalId] : [])])
  const records: LegacyRecord[] = []
  for (const subject of subjects) {
    const record = await legacyRecords().findRecord(subject)
    if (!record) continue
    // Only our own backend writes an `external_id`, so it proves whose record this is. An attacker may have made the
    // record with an address that it has not verified.
    if (!linked.includes(subject)) {
      if (!record.emailVerified || !legacyProvider().mayProveAddress(record.id, record.email))
        continue
      await link(account, record)
    }
    records.push(record)
  }
  return records
}

export async function link(
  account: Account,
  { id, email, name }: Pick<LegacyRecord, 'id' | 'email' | 'name'>,
): Promise<void> {
  const by = proofRules.mirror
  const at = new Date()
  const isLinked = await linkIdentity(account, {
    issuer: legacyIssuerName(),
    subject: id,
    email,
    name,
    isCurrent: true,
    session: { key: by, startedAt: at },
    proof: { by, at },
  })
  if (!isLinked) throw new MirrorRefused('account_conflict')
}

/**
 * Links a legacy record with the same address that existed before the Stytch user. Both sides must have verified
 * the address. Otherwise an attacker could sign up at Stytch with a stranger's address, and get into the stranger's
 * account or replace its password.
 */
export async function linkExistingRecord(
  account: Account,
  user: { email: string; emailVerified: boolean },
): Promise<LegacyRecord | null> {
  const records = await legacyRecords().findRecordsByEmail(user.email)
  const sameUser = user.emailVerified
    ? records.filter(
        (each) => each.emailVerified && legacyProvider().mayProveAddress(each.id, each.email),
      )
    : []
  for (const record of sameUser) await link(account, record)
  const linked = sameUser.find(({ hasPassword }) => hasPassword) ?? sameUser[0]
  if (linked) return linked
  // A record of the mirror may have no link, if the last attempt failed right after it created the record.
  if (records.some((record) => record.hasPassword && !isMirrorRecord(account, record))) {
    throw new MirrorRefused('address_taken')
  }
  return null
}

/** A password that nobody knows, and that every password policy accepts. */
export const randomPassword = (): string => `${randomBytes(32).toString('base64url')}aA1!`
