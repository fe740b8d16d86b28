import 'server-only'
import { and, eq } from 'drizzle-orm'
import { findIdentity } from '../../../account/account'
import { normalizedEmail } from '../../../account/email-address'
import { isDisputed } from '../../../account/proof'
import { database } from '../../../db/database'
import { legacyConfig } from '../../../legacy/config'
import type { LegacyRecord } from '../../../legacy/record'
import { listedUsers } from '../../../revocation/revocation-list'
import { isImport } from '../../../stytch/account'
import { stytchIssuerName } from '../../../stytch/issuer'
import { findUserByEmail, isOnlyByEmail } from '../../../stytch/users'
import { externalIdOf } from '../../migration/external-id'
import { events } from '../../schema'
import type { SourceUser } from '../source/source-user'
import type { CurrentRecords } from './current-records'
import { isHashOld } from './hash-age'
import type { Limiter } from './limiter'
import { AccountConflict, linkIdentities } from './link-identities'
import type { RowSource } from './row-source'
import type { ClaimedRow, Settlement } from './rows'
import { addHash, createUser, findUser, type ImportedUser } from './stytch-users'

/** Why a planned row was not imported. The codes of the plan say why a row was not planned. */
export type SkipReason =
  /** Somebody else has the address at Stytch, or it is unknown who. */
  | 'address_taken'
  /** Stytch, the app or today's record at the legacy provider has another address than the file. */
  | 'address_differs'
  /** The user at Stytch has the external id, but an attacker may know the password. */
  | 'stytch_user_unproven'
  /** The Stytch user belongs to another account. */
  | 'account_conflict'
  /** The legacy provider has blocked or deleted the user since the export. */
  | 'blocked'
  /** The user has a second factor at the legacy provider since the export. */
  | 'mfa_enrolled'
  /** The legacy provider does not call the address verified any more. */
  | 'email_unverified'
  | 'external_id_impossible'
  | 'email_missing'

type Context = { call: Limiter; runId: string; plannedAt: Date; records: CurrentRecords | null }

const skipped = (reason: SkipReason): Settlement => ({ state: 'skipped', reason })

/**
 * Imports one user. It may run again after any failure: it looks the user up before it creates them, and each step of
 * it is idempotent.
 * @throws {StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function importRow(
  row: ClaimedRow,
  { user: source, hash: hashOfFile, mapped }: RowSource,
  context: Context,
): Promise<Settlement> {
  const { call, runId, plannedAt, records } = context
  const externalId = externalIdOf(source.subject)
  if (externalId === null) return skipped('external_id_impossible')
  if (source.email === null) return skipped('email_missing')
  const email = normalizedEmail(source.email)
  const refusal = await refusalOf(source, email)
  if (refusal) return skipped(refusal)
  const record = records && (await records(source.subject))
  const change = records && changeSinceExport(source, email, record)
  if (change) return skipped(change)
  const isOld = hashOfFile !== null && !!record && isHashOld(hashOfFile, record, plannedAt)
  const hash = isOld ? null : hashOfFile

  // An earlier attempt may have created the user without getting the answer.
  const mayExist = row.outcome === 'already' || row.attempts > 1
  const phone = verifiedPhone(source, mapped.phone ?? null)
  const user =
    (mayExist ? await findUser(call, externalId) : null) ??
    (await createUser(call, { email, externalId, runId, mapped, phone })) ??
    (await findUser(call, externalId))
  if (!user) return addressTaken(source.subject, email, call)
  if (user.email !== email) return skipped('address_differs')

  const mayHaveHash = source.emailVerified && isUntouched(user, phone)
  const complete = hash && mayHaveHash ? await addHash(call, email, hash, phone !== null) : user
  const isProved = source.emailVerified && (complete === user ? isOurs(user, runId) : true)
  if (source.emailVerified && !isProved) return skipped('stytch_user_unproven')
  try {
    const name = source.name || email
    const link = { subject: source.subject, stytchUserId: user.id, email, name }
    await linkIdentities({ ...link, isProved, plannedAt })
  } catch (error) {
    if (!(error instanceof AccountConflict)) throw error
    return skipped('account_conflict')
  }
  const madeUser = user.madeBy === runId
  const reason = reasonOf(row, madeUser)
  // An earlier attempt may have added the hash. Then a forward write must know that it is the import's.
  const isLeftOut = isOld && !user.credentials.some(({ kind }) => kind === 'password')
  return { state: 'done', reason, stytchUserId: user.id, madeUser, isHashOld: isLeftOut }
}

/**
 * The number of the mapping, if it is the one that the legacy provider has verified, in another format. A field that the
 * user has filled in may have the number of a victim, and Stytch would call it verified.
 */
function verifiedPhone({ phone, phoneVerified }: SourceUser, mapped: string | null): string | null {
  if (!phoneVerified || phone === null || mapped === null) return null
  const digits = (text: string) => text.replace(/\D/g, '').replace(/^0+/, '')
  const own = digits(phone)
  return own.length >= 6 && digits(mapped).endsWith(own) ? mapped : null
}

/** A user whom another run or a carry-over made is only linked. */
const reasonOf = (row: ClaimedRow, madeUser: boolean): string | null =>
  madeUser || row.outcome === 'already' ? null : 'already'

/** Why the legacy user must not be imported, by the file and by what the app has learned since. */
async function refusalOf(
  { subject, emailVerified, isBlocked, hasMfa }: SourceUser,
  email: string,
): Promise<SkipReason | null> {
  // The plan leaves these users out, and nothing else may let them in.
  if (isBlocked) return 'blocked'
  if (hasMfa) return 'mfa_enrolled'
  return refusalByApp(subject, email, emailVerified)
}

/** Why the legacy user must not be imported, by what the app has learned. */
export async function refusalByApp(
  subject: string,
  email: string,
  emailVerified: boolean,
): Promise<SkipReason | null> {
  const { issuer } = legacyConfig()
  const listed = (await listedUsers(issuer, [subject])).get(subject)
  if (listed && listed !== 'lifted') return 'blocked'
  // An identity that has joined is not checked again, so a code from a mail would open the account.
  if (await hasShownSecondFactor(issuer, subject)) return 'mfa_enrolled'
  const known = await findIdentity({ issuer, subject })
  if (!known?.proof) return null
  // An identity without a proof shares no account with one that has one.
  return known.email === email && emailVerified ? null : 'address_differs'
}

/** Why the user must not be imported, by today's record at the legacy provider. */
function changeSinceExport(
  { emailVerified }: SourceUser,
  email: string,
  record: LegacyRecord | null,
): SkipReason | null {
  if (record?.blocked !== 'no') return 'blocked'
  if (record.hasSecondFactor) return 'mfa_enrolled'
  // A user with flexible identifiers may have the address only among those, which the record lacks.
  if (record.email === '') return null
  if (record.email !== email) return 'address_differs'
  return emailVerified && !record.emailVerified ? 'email_unverified' : null
}

async function hasShownSecondFactor(issuer: string, subject: string): Promise<boolean> {
  const db = await database()
  const isShown = and(
    eq(events.reason, 'mfa_required'),
    eq(events.issuer, issuer),
    eq(events.subject, subject),
  )
  return (await db.select({ id: events.id }).from(events).where(isShown).limit(1)).length > 0
}

/** Whether nobody has done anything with a user whom our backend made, so that the hash may be added. */
const isUntouched = (user: ImportedUser, phone: string | null): boolean =>
  user.addresses.length === 1 &&
  user.credentials.length === (phone === null ? 0 : 1) &&
  user.credentials.every(({ kind }) => kind === 'phone_number')

/** Whether only the owner of the address can sign in. The user has our external id. */
const isOurs = (user: ImportedUser, runId: string): boolean =>
  isImport(user) ||
  isOnlyByEmail(user) ||
  (user.madeBy === runId && user.credentials.every(({ kind }) => kind === 'phone_number'))

/**
 * The address is taken. An attacker may have signed up with it before its owner came, so the user is not adopted. Only
 * the identities of this app prove that both are one user, for example after a carry-over.
 */
async function addressTaken(subject: string, email: string, call: Limiter): Promise<Settlement> {
  const user = await findUserByEmail(email, call)
  if (!user) return skipped('address_taken')
  const [there, here] = await Promise.all([
    findIdentity({ issuer: stytchIssuerName(), subject: user.id }),
    findIdentity({ issuer: legacyConfig().issuer, subject }),
  ])
  const isLinked =
    there?.proof && here?.proof && !isDisputed(there.proof) && there.account.id === here.account.id
  if (!isLinked) return skipped('address_taken')
  return { state: 'done', reason: 'already', stytchUserId: user.id, madeUser: false }
}
