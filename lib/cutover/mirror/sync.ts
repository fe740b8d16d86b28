import 'server-only'
import { randomBytes } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { type Account, linkIdentity, subjectsOf } from '../../account/account'
import { database } from '../../db/database'
import { accounts, identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import * as legacy from '../../legacy/management'
import { StytchRefusal } from '../../stytch/client'
import { stytchIssuerName } from '../../stytch/issuer'
import { fetchUser, type StytchUser } from '../../stytch/users'
import { type Debt, readDebt, settleDebt } from './password'
import type { MirrorJob } from './queue'
import { provedId, unprovedId } from './record-id'

/** Reasons for which a record is left alone until somebody looks at it. Stable: they are in events. */
export type MirrorRefusalReason =
  | 'address_taken'
  | 'address_missing'
  | 'account_conflict'
  | `legacy_${string}`
  | `stytch_${string}`

/** Trying again will not help. */
export class MirrorRefused extends Error {
  readonly reason: MirrorRefusalReason
  constructor(reason: MirrorRefusalReason) {
    super(reason)
    this.name = 'MirrorRefused'
    this.reason = reason
  }
}

export type Synced = {
  result: 'created' | 'linked' | 'updated' | 'unchanged' | 'deleted' | 'blocked' | 'gone'
  /** The legacy subject. */
  subject: string | null
  /** What became of the password. */
  password: 'same' | 'mailed' | 'untouched'
}

const legacyIssuerName = (): string => legacyConfig().issuer

/**
 * Brings the legacy record of one account up to date with what Stytch says of its user at this moment. Safe
 * to run again, whatever became of the last time: it looks before it writes.
 *
 * @throws {MirrorRefused} trying again will not help
 * @throws {ProviderFailure | LegacyRefusal} trying again may help
 */
export async function sync(job: MirrorJob, now: Date): Promise<Synced> {
  const account = await currentAccount(job)
  if (!account) return gone
  const user = await userOrNull(job.userId)
  if (!user) return job.change === 'deleted' ? removeRecords(account, job.userId) : gone
  if (!user.email) throw new MirrorRefused('address_missing')
  // Whoever made it may be somebody else than who proved the address.
  if (job.change === 'proved') await legacy.deleteRecord(legacy.recordId(unprovedId(account)))

  const records = await knownRecords(account, user)
  const debt = await readDebt(account.id, now)
  const found = records.find(({ hasPassword }) => hasPassword) ?? records[0]
  if (found) return update(account, user, found, debt, 'updated')
  const adopted = await adoptRecord(account, user)
  if (adopted) return update(account, user, adopted, debt, 'linked')
  return create(account, user, debt)
}

/** As the database has it now: what another process remembers of it may be from before the proof. */
async function currentAccount({ accountId, userId }: MirrorJob): Promise<Account | null> {
  const db = await database()
  const [row] = await db
    .select({ account: accounts })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(
      and(
        eq(identities.issuer, stytchIssuerName()),
        eq(identities.subject, userId),
        eq(accounts.id, accountId),
      ),
    )
  return row?.account ?? null
}

/** Stytch's "verified" says that somebody proved the address once; the account, that it was who holds it. */
const isProved = (account: Account, user: StytchUser): boolean =>
  user.emailVerified && account.emailVerified && user.email === account.email

const isOurs = (account: Account, { id }: { id: string }): boolean =>
  id === legacy.recordId(provedId(account)) || id === legacy.recordId(unprovedId(account))

const gone: Synced = { result: 'gone', subject: null, password: 'untouched' }

async function userOrNull(userId: string): Promise<StytchUser | null> {
  try {
    return await fetchUser(userId)
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
    if (error.errorType === 'user_not_found') return null
    throw new MirrorRefused(`stytch_${error.errorType}`)
  }
}

/** The records that are this account's: linked ones, and the one that was imported to Stytch under its id. */
async function knownRecords(
  account: Account,
  user: StytchUser | null,
): Promise<legacy.LegacyRecord[]> {
  const linked = await subjectsOf(account, legacyIssuerName())
  const subjects = new Set([...linked, ...(user?.externalId ? [user.externalId] : [])])
  const records: legacy.LegacyRecord[] = []
  for (const subject of subjects) {
    const record = await legacy.findRecord(subject)
    if (!record) continue
    // Only our own backend writes external ids, so one proves whose record it is.
    if (!linked.includes(subject)) await link(account, record)
    records.push(record)
  }
  return records
}

async function link(account: Account, record: legacy.LegacyRecord): Promise<void> {
  const { id: subject, email, emailVerified, name } = record
  const issuer = legacyIssuerName()
  const profile = { issuer, subject, email, emailVerified, name, isCurrent: true }
  if (!(await linkIdentity(account, profile))) throw new MirrorRefused('account_conflict')
}

/**
 * A record with this address that was there before the Stytch user. It is the same person's only where both
 * sides verified the address: else whoever signs up at Stytch with a stranger's address would get into the
 * stranger's account, or lock them out with a password of their own.
 */
async function adoptRecord(
  account: Account,
  user: StytchUser,
): Promise<legacy.LegacyRecord | null> {
  const holders = await legacy.findRecordsByEmail(user.email)
  const theirs = isProved(account, user) ? holders.filter(({ emailVerified }) => emailVerified) : []
  for (const record of theirs) await link(account, record)
  const adopted = theirs.find(({ hasPassword }) => hasPassword) ?? theirs[0]
  if (adopted) return adopted
  // Ours without a link: the last attempt ended between the two.
  if (holders.some((holder) => holder.hasPassword && !isOurs(account, holder))) {
    throw new MirrorRefused('address_taken')
  }
  return null
}

async function create(account: Account, user: StytchUser, debt: Debt | null): Promise<Synced> {
  const { email, name } = user
  const emailVerified = isProved(account, user)
  const localId = account.emailVerified ? provedId(account) : unprovedId(account)
  const subject = legacy.recordId(localId)
  // Before the record is there: who signs in with it the moment it is made must find this account.
  await link(account, {
    id: subject,
    email,
    emailVerified,
    name,
    hasPassword: true,
  })
  const metadata = { account_id: account.id, stytch_user_id: user.id }
  const record = { email, emailVerified, name, metadata }
  let password: Synced['password'] = 'same'
  try {
    if (!debt?.password) throw new PasswordUnusable()
    await legacy.createRecord(localId, { ...record, password: debt.password }).catch(unusable)
  } catch (error) {
    if (!(error instanceof PasswordUnusable)) throw error
    await legacy.createRecord(localId, { ...record, password: randomPassword() })
    await legacy.mailSetPassword(email)
    password = 'mailed'
  }
  if (debt) await settleDebt(account.id, debt)
  return { result: 'created', subject, password }
}

/** There is no password, or the legacy provider's rules for passwords are stricter than Stytch's. */
class PasswordUnusable extends Error {}

function unusable(error: unknown): never {
  if (error instanceof legacy.LegacyRefusal && error.status === 400) throw new PasswordUnusable()
  throw error
}

/** Known to nobody, and good enough for any password policy. */
const randomPassword = (): string => `${randomBytes(32).toString('base64url')}aA1!`

async function update(
  account: Account,
  user: StytchUser,
  record: legacy.LegacyRecord,
  debt: Debt | null,
  result: 'updated' | 'linked',
): Promise<Synced> {
  const changes = changesOf(account, user, record)
  if (Object.keys(changes).length > 0) {
    await legacy.updateRecord(record.id, changes).catch((error: unknown) => {
      const isTaken = error instanceof legacy.LegacyRefusal && changes.email !== undefined
      throw isTaken && error.status === 400 ? new MirrorRefused('address_taken') : error
    })
  }
  const password = await pay(account, record, changes.email ?? record.email, debt)
  const isSame =
    Object.keys(changes).length === 0 && password === 'untouched' && result === 'updated'
  return { result: isSame ? 'unchanged' : result, subject: record.id, password }
}

function changesOf(
  account: Account,
  user: StytchUser,
  record: legacy.LegacyRecord,
): Parameters<typeof legacy.updateRecord>[1] {
  // Without a name Stytch's user is called by the address: no reason to forget the name that is there.
  const isNamed = user.name !== '' && user.name.toLowerCase() !== user.email
  const isMoved = user.email !== record.email
  const emailVerified = user.emailVerified && account.emailVerified
  return {
    ...(isNamed && user.name !== record.name && { name: user.name }),
    // An address that nobody verified does not replace one that was.
    ...(isMoved &&
      (emailVerified || !record.emailVerified) && { email: user.email, emailVerified }),
    ...(!isMoved && emailVerified && !record.emailVerified && { emailVerified: true }),
  }
}

/** Pays what is owed to the legacy login of a record that is there. */
async function pay(
  account: Account,
  record: legacy.LegacyRecord,
  email: string,
  debt: Debt | null,
): Promise<Synced['password']> {
  if (!debt) return 'untouched'
  let paid: Synced['password'] = 'untouched'
  // Writing the password that a record of before has already would end its sessions for nothing.
  if (record.hasPassword && (isOurs(account, record) || !debt.forNewRecord)) {
    paid = 'same'
    try {
      if (!debt.password) throw new PasswordUnusable()
      await legacy.setRecordPassword(record.id, debt.password).catch(unusable)
    } catch (error) {
      if (!(error instanceof PasswordUnusable)) throw error
      // There was a newer password, so the old one must not open anything any more.
      if (!debt.forNewRecord) await legacy.setRecordPassword(record.id, randomPassword())
      await legacy.mailSetPassword(email)
      paid = 'mailed'
    }
  }
  await settleDebt(account.id, debt)
  return paid
}

/**
 * The user was deleted at Stytch, which Stytch has confirmed: nobody may get in at the legacy login either.
 * What the mirror made is deleted. What was there before is blocked, which can be taken back.
 */
async function removeRecords(account: Account, userId: string): Promise<Synced> {
  for (const other of await subjectsOf(account, stytchIssuerName())) {
    // The account has another Stytch user, who keeps the record.
    if (other !== userId && (await userOrNull(other))) return gone
  }
  const debt = await readDebt(account.id, new Date())
  if (debt) await settleDebt(account.id, debt)
  let removed: Synced = gone
  for (const record of await knownRecords(account, null)) {
    const made = isOurs(account, record)
    await (made ? legacy.deleteRecord(record.id) : legacy.blockRecord(record.id))
    removed = {
      result: made ? 'deleted' : 'blocked',
      subject: record.id,
      password: 'untouched',
    }
  }
  return removed
}
