import 'server-only'
import { and, eq, notLike, sql } from 'drizzle-orm'
import { type Database, database, inTransaction } from '../db/database'
import { accounts, identities } from '../db/schema'
import { perProcess } from '../per-process'
import { isEmailAddress, normalizedEmail } from './email-address'

/** A user as this product knows them, whichever provider signed them in. */
export type Account = {
  /** Never changes, also when the user moves to another provider. */
  id: string
  email: string
  /** True when a provider verified the address. */
  emailVerified: boolean
  name: string
}

/** A user as one provider knows them. */
export type Identity = {
  /** The canonical name of the issuer. */
  issuer: string
  subject: string
}

/** A change of an identity. `joined`: it was added to the account. `proved`: first verified address. `moved`: new address. */
export type AccountChange = 'joined' | 'proved' | 'moved'

/**
 * Called for each change, in the transaction that writes it. Its own writes with `tx` are committed together with
 * the change. It must not use another connection.
 */
export type OnAccountChange = (
  tx: Database,
  account: Account,
  change: AccountChange,
) => Promise<void>

/** A user's profile at a provider. `emailVerified` is true only if the user proved the address. */
export type Profile = Identity & {
  email: string
  emailVerified: boolean
  name: string
  /** Whether the provider said so just now. The profile of an older session must not restore an old address. */
  isCurrent: boolean
}

type KnownIdentity = { account: Account; email: string; emailVerified: boolean }

// Entries are used for five minutes. While the database is unavailable they are used for longer, so that the app can
// still serve pages.
const { value: cache } = perProcess(
  'accounts',
  () => new Map<string, KnownIdentity & { until: number }>(),
)
const cacheSize = 10_000
const cacheMilliseconds = 5 * 60 * 1_000

const keyOf = ({ issuer, subject }: Identity): string => `${issuer}\n${subject}`

function addToCache(identity: Identity, known: KnownIdentity): Account {
  const key = keyOf(identity)
  cache.delete(key)
  if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string)
  cache.set(key, { ...known, until: Date.now() + cacheMilliseconds })
  return known.account
}

async function findIdentity(identity: Identity): Promise<KnownIdentity | null> {
  const cached = cache.get(keyOf(identity))
  if (cached && cached.until > Date.now()) return cached
  try {
    const found = await selectIdentity(await database(), identity)
    if (found) addToCache(identity, found)
    return found
  } catch (error) {
    if (cached) return cached
    throw error
  }
}

/**
 * Finds the account of an identity. Null if the identity has never signed in to this app.
 * @throws {DatabaseUnavailable} unless the account is cached
 */
export async function findAccount(identity: Identity): Promise<Account | null> {
  return (await findIdentity(identity))?.account ?? null
}

/** Removes an identity from the cache. Call it when the identity moves to another account. */
export const forgetIdentity = (identity: Identity): void => {
  cache.delete(keyOf(identity))
}

async function selectIdentity(
  db: Database,
  { issuer, subject }: Identity,
): Promise<KnownIdentity | null> {
  const [row] = await db
    .select({ account: accounts, email: identities.email, emailVerified: identities.emailVerified })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
  return row ? { ...row, account: toAccount(row.account) } : null
}

const toAccount = ({ id, email, emailVerified, name }: Account): Account => ({
  id,
  email,
  emailVerified,
  name,
})

/**
 * Returns the account of an identity. It creates the account at the first sign-in, and keeps its address up to date.
 *
 * A new identity joins an existing account by email address only where both providers verified the address.
 * Otherwise an attacker who enters a stranger's address at one provider would own the stranger's account. The
 * same rule applies when a user proves an unverified address later.
 * @param formerIdentity the identity that the same user is known to have had at another issuer, if any
 * @param prepare called before the transaction, for work that cannot be part of it. Returns the listener.
 * @throws {DatabaseUnavailable} and the errors of `prepare` and its listener. After an error nothing is written.
 */
export async function openAccount(
  given: Profile,
  formerIdentity: Identity | null = null,
  prepare: (() => Promise<OnAccountChange>) | null = null,
): Promise<Account> {
  const profile = normalized(given)
  const known = await findIdentity(profile)
  if (known && !needsUpdate(profile, known)) return known.account

  const onChange = await prepare?.()
  const account = await inTransaction(async (tx) => {
    // Only one transaction at a time may work on an identity or an address. Otherwise two tabs or both providers could
    // create two accounts. The order of the locks is fixed, so that two transactions never deadlock.
    await lockIdentity(tx, profile)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${profile.email}))`)
    const current = await selectIdentity(tx, profile)
    const { account, change } = current
      ? await update(tx, profile, current)
      : await create(tx, profile, formerIdentity)
    if (change) await onChange?.(tx, account, change)
    return account
  })
  const { email, emailVerified } = profile
  return addToCache(profile, { account, email, emailVerified })
}

/** Locks an identity until the end of the transaction. The first number keeps it apart from the address locks. */
const lockIdentity = (tx: Database, identity: Identity) =>
  tx.execute(sql`select pg_advisory_xact_lock(1, hashtext(${keyOf(identity)}))`)

/** Makes a profile that the database can store. An invalid address is kept, but never counts as verified. */
function normalized(profile: Profile): Profile {
  return {
    ...profile,
    email: storable(normalizedEmail(profile.email)),
    emailVerified: profile.emailVerified && isEmailAddress(profile.email),
    name: storable(profile.name),
  }
}

/** Postgres stores neither NUL nor lone surrogates. Both can be in a name that a user gave themselves. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd')

/** Whether a profile proves more than the stored one. A session that proves less must not undo an earlier proof. */
const needsUpdate = (profile: Profile, known: KnownIdentity): boolean =>
  profile.emailVerified &&
  (!known.emailVerified ||
    !known.account.emailVerified ||
    (profile.isCurrent && profile.email !== known.email))

type Written = { account: Account; change: AccountChange | null }

async function create(
  tx: Database,
  profile: Profile,
  formerIdentity: Identity | null,
): Promise<Written> {
  const existing =
    (formerIdentity && (await selectIdentity(tx, formerIdentity))?.account) ??
    (profile.emailVerified ? await findAccountByVerifiedEmail(tx, profile) : null)
  const account: Account = existing ?? {
    id: `acct_${crypto.randomUUID()}`,
    email: profile.email,
    emailVerified: profile.emailVerified,
    name: profile.name || profile.email,
  }
  if (!existing) await tx.insert(accounts).values(account)
  await insertIdentity(tx, account.id, profile)
  return { account, change: 'joined' }
}

async function update(
  tx: Database,
  profile: Profile,
  { account }: KnownIdentity,
): Promise<Written> {
  if (!profile.emailVerified) return { account, change: null }
  const isThis = and(eq(identities.issuer, profile.issuer), eq(identities.subject, profile.subject))
  const facts = { email: profile.email, emailVerified: true }
  // The mirror creates legacy users with the account's id at the end of their subject. They belong to the same user.
  const isNotMirrored = notLike(identities.subject, `%${account.id}`)
  const count = await tx.$count(
    identities,
    and(eq(identities.accountId, account.id), isNotMirrored),
  )
  // An attacker may have created this account with the user's address. The user who now proves the address gets their
  // own existing account. The data of the attacker's account stays in that account.
  const isUnproved = !account.emailVerified && count === 1
  const own = isUnproved ? await findAccountByVerifiedEmail(tx, profile) : null
  if (own) {
    await tx
      .update(identities)
      .set({ ...facts, accountId: own.id })
      .where(isThis)
    return { account: own, change: 'joined' }
  }
  await tx.update(identities).set(facts).where(isThis)
  await tx.update(accounts).set(facts).where(eq(accounts.id, account.id))
  const isMoved = account.email !== facts.email
  const change = !account.emailVerified ? 'proved' : isMoved ? 'moved' : null
  return { account: { ...account, ...facts }, change }
}

/**
 * Adds an identity to an account. The caller must have proved that both belong to the same user.
 * @returns false if the identity already belongs to another account. Then nothing changes.
 */
export async function linkIdentity(account: Account, given: Profile): Promise<boolean> {
  const profile = normalized(given)
  const owner = await inTransaction(async (tx) => {
    await lockIdentity(tx, profile)
    await insertIdentity(tx, account.id, profile)
    return selectIdentity(tx, profile)
  })
  if (owner?.account.id !== account.id) return false
  addToCache(profile, owner)
  return true
}

/** The subjects under which an issuer knows this account. */
export async function subjectsOf(account: Account, issuer: string): Promise<string[]> {
  const db = await database()
  const rows = await db
    .select({ subject: identities.subject })
    .from(identities)
    .where(and(eq(identities.accountId, account.id), eq(identities.issuer, issuer)))
  return rows.map((row) => row.subject)
}

/** Finds the account with this verified address at another issuer. Two subjects of the same issuer are two users. */
async function findAccountByVerifiedEmail(
  db: Database,
  { email, issuer }: Profile,
): Promise<Account | null> {
  const ofSameIssuer = sql`exists (select 1 from identities same where same.account_id = ${accounts.id} and same.issuer = ${issuer})`
  const rows = await db
    .selectDistinct({ account: accounts })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(
      and(
        eq(identities.email, email),
        eq(identities.emailVerified, true),
        sql`not ${ofSameIssuer}`,
      ),
    )
    .limit(2)
  // With two candidates it is unknown which one is the user's, so the identity joins neither.
  return rows.length === 1 && rows[0] ? toAccount(rows[0].account) : null
}

async function insertIdentity(db: Database, accountId: string, profile: Profile): Promise<void> {
  const { issuer, subject, email, emailVerified } = profile
  await db
    .insert(identities)
    .values({ issuer, subject, accountId, email, emailVerified })
    .onConflictDoNothing()
}
