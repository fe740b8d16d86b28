import 'server-only'
import { and, eq, ne, or, sql } from 'drizzle-orm'
import QuickLRU from 'quick-lru'
import { type Database, database, inTransaction } from '../db/database'
import { accounts, identities } from '../db/schema'
import { perProcess } from '../per-process'
import { isEmailAddress, isMailable, normalizedEmail } from './email-address'
import {
  columnsOf,
  epoch,
  isOpenToProof,
  opensIdentity,
  type Proof,
  type SessionFacts,
  SessionUnproved,
} from './proof'
import { storable } from './storable'

/** A user as this product knows them, whichever provider signed them in. */
export type Account = {
  /** Never changes, also when the user moves to another provider. */
  id: string
  /** For display. It gives no rights. */
  email: string
  /** The address that the identity of this session proved, or null. Rights depend on this address only. */
  provedEmail: string | null
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

/** A user's profile at a provider, and the session that brought it. */
export type Profile = Identity & {
  email: string
  name: string
  /** Whether the provider said so just now. The profile of an older session must not restore an old address. */
  isCurrent: boolean
  session: SessionFacts
  /** Null if this session does not prove the address. */
  proof: Proof | null
}

/** An identity that has signed in to this app. `email` is the proved address, if `proof` is set. */
export type KnownIdentity = { account: Account; email: string; proof: Proof | null }

// Only for an outage of the database, so that the app can still serve pages. Each other request reads the identity
// from the database. A proof on another instance must refuse an attacker's session at once, and not after minutes.
const { value: cache } = perProcess(
  'accounts',
  () => new QuickLRU<string, KnownIdentity>({ maxSize: 10_000 }),
)

const keyOf = ({ issuer, subject }: Identity): string => `${issuer}\n${subject}`

/**
 * Finds an identity and its account, with one indexed query. Null if it has never signed in to this app.
 * @throws {DatabaseUnavailable} unless the identity is cached
 */
export async function findIdentity(identity: Identity): Promise<KnownIdentity | null> {
  try {
    const found = await selectIdentity(await database(), identity)
    if (found) cache.set(keyOf(identity), found)
    return found
  } catch (error) {
    const cached = cache.get(keyOf(identity))
    if (cached) return cached
    throw error
  }
}

/** The account of an identity, whatever the session. Null if it has never signed in to this app. */
export async function findAccount(identity: Identity): Promise<Account | null> {
  return (await findIdentity(identity))?.account ?? null
}

async function selectIdentity(
  db: Database,
  { issuer, subject }: Identity,
): Promise<KnownIdentity | null> {
  const [row] = await db
    .select({ account: accounts, identity: identities })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
  if (!row) return null
  const { email, emailVerified, provedAt, provedBy } = row.identity
  const proof = emailVerified ? { by: provedBy ?? '', at: provedAt ?? epoch } : null
  return { account: toAccount(row.account, proof ? email : null), email, proof }
}

const toAccount = (
  { id, email, name }: Omit<Account, 'provedEmail'>,
  provedEmail: string | null,
): Account => ({ id, email, provedEmail, name })

/**
 * Returns the account of an identity. It creates the account at the first sign-in, and keeps its address up to date.
 *
 * An identity that proves its address joins the account whose identity at another provider proved the same address.
 * An identity that proved nothing never shares an account with one that did. Otherwise an attacker who enters a
 * stranger's address at one provider would share the stranger's account, whichever of them comes first.
 * @param formerIdentity the identity that the same user is known to have had at another issuer, if any
 * @param prepare called before the transaction, for work that cannot be part of it. Returns the listener.
 * @throws {SessionUnproved} when the session must not open the identity
 * @throws {DatabaseUnavailable} and the errors of `prepare` and its listener. After an error nothing is written.
 */
export async function openAccount(
  given: Profile,
  formerIdentity: Identity | null = null,
  prepare: (() => Promise<OnAccountChange>) | null = null,
): Promise<Account> {
  const profile = normalized(given)
  const known = await findIdentity(profile)
  const isProof = profile.proof !== null
  if (known && !needsUpdate(profile, known)) return accountOf(known, profile.session, isProof)

  const onChange = await prepare?.()
  return inTransaction(async (tx) => {
    // Only one transaction at a time may work on an identity or an address. Otherwise two tabs or both providers could
    // create two accounts. The order of the locks is fixed, so that two transactions never deadlock.
    await lockIdentity(tx, profile)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${profile.email}))`)
    const current = await selectIdentity(tx, profile)
    const { account, change } = current
      ? await update(tx, profile, current, formerIdentity)
      : await create(tx, profile, formerIdentity)
    if (change) await onChange?.(tx, account, change)
    return account
  })
}

/**
 * The account of an identity, for one of its sessions.
 * @param isProof whether the session proves the address itself
 * @throws {SessionUnproved} when the session must not open the identity
 */
export function accountOf(
  { account, proof }: KnownIdentity,
  session: SessionFacts,
  isProof: boolean,
): Account {
  if (!opensIdentity(proof, session, isProof)) throw new SessionUnproved()
  return account
}

/** Locks an identity until the end of the transaction. The first number keeps it apart from the address locks. */
const lockIdentity = (tx: Database, identity: Identity) =>
  tx.execute(sql`select pg_advisory_xact_lock(1, hashtext(${keyOf(identity)}))`)

/** Makes a profile that the database can store. An invalid address is kept, but never counts as proved. */
function normalized(profile: Profile): Profile {
  return {
    ...profile,
    email: storable(normalizedEmail(profile.email)),
    proof: isMailable(profile.email) ? profile.proof : null,
    name: storable(profile.name),
  }
}

/** Whether a profile proves more than the stored one. A session that proves less must not undo an earlier proof. */
const needsUpdate = (profile: Profile, known: KnownIdentity): boolean =>
  profile.proof !== null &&
  (isOpenToProof(known.proof) || (profile.isCurrent && profile.email !== known.email))

type Written = { account: Account; change: AccountChange | null }

async function create(
  tx: Database,
  profile: Profile,
  formerIdentity: Identity | null,
): Promise<Written> {
  const existing = profile.proof
    ? await findOwnAccount(tx, profile, formerIdentity)
    : await findUnprovedAccount(tx, formerIdentity)
  const id = existing ?? (await insertAccount(tx, profile.email, profile.name))
  await insertIdentity(tx, id, profile)
  return { account: await readWritten(tx, profile), change: 'joined' }
}

async function update(
  tx: Database,
  profile: Profile,
  current: KnownIdentity,
  formerIdentity: Identity | null,
): Promise<Written> {
  const { proof, email, session } = profile
  if (!proof || !needsUpdate(profile, current)) {
    return { account: accountOf(current, session, proof !== null), change: null }
  }
  const isFirst = current.proof === null
  // An unproved identity has an account of its own, which an attacker may have created with the user's address. The
  // user who proves the address gets their own existing account. The data of the attacker's account stays in it.
  const own = isFirst ? await findOwnAccount(tx, profile, formerIdentity) : null
  const accountId = own ?? current.account.id
  if (isFirst) await detachUnprovedIdentities(tx, accountId, profile)
  await tx
    .update(identities)
    .set({ accountId, email, ...columnsOf(proof) })
    .where(isIdentity(profile))
  if (!own) await tx.update(accounts).set({ email }).where(eq(accounts.id, accountId))
  const change = own ? 'joined' : isFirst ? 'proved' : 'moved'
  return { account: await readWritten(tx, profile), change }
}

const isIdentity = ({ issuer, subject }: Identity) =>
  and(eq(identities.issuer, issuer), eq(identities.subject, subject))

async function readWritten(tx: Database, identity: Identity): Promise<Account> {
  const written = await selectIdentity(tx, identity)
  if (!written) throw new Error('the identity was not written')
  return written.account
}

async function insertAccount(tx: Database, email: string, name: string): Promise<string> {
  const id = `acct_${crypto.randomUUID()}`
  await tx.insert(accounts).values({ id, email, name: name || email })
  return id
}

/**
 * Moves the unproved identities of an account to accounts of their own, before another identity of it counts as proved:
 * an imported user and the legacy user, or identities that an older version of the app let share one.
 */
async function detachUnprovedIdentities(
  tx: Database,
  accountId: string,
  { issuer, subject }: Identity,
): Promise<void> {
  const others = await tx
    .select()
    .from(identities)
    .where(
      and(
        eq(identities.accountId, accountId),
        eq(identities.emailVerified, false),
        or(ne(identities.issuer, issuer), ne(identities.subject, subject)),
      ),
    )
  for (const other of others) {
    const id = await insertAccount(tx, other.email, other.email)
    await tx.update(identities).set({ accountId: id }).where(isIdentity(other))
  }
}

/**
 * Adds a proved identity to an account. The caller must have proved that both belong to the same user.
 * An identity that proved nothing before leaves the account that it had alone.
 * @returns false if the profile proves nothing, or the identity belongs to another account. Then nothing changes.
 */
export async function linkIdentity(account: Account, given: Profile): Promise<boolean> {
  const { proof, ...profile } = normalized(given)
  if (!proof) return false
  const values = { accountId: account.id, email: profile.email, ...columnsOf(proof) }
  const owner = await inTransaction(async (tx) => {
    await lockIdentity(tx, profile)
    await tx
      .insert(identities)
      .values({ issuer: profile.issuer, subject: profile.subject, ...values })
      .onConflictDoUpdate({
        target: [identities.issuer, identities.subject],
        set: values,
        setWhere: eq(identities.emailVerified, false),
      })
    return selectIdentity(tx, profile)
  })
  return owner?.account.id === account.id
}

/** The proved subjects under which an issuer knows this account. */
export async function subjectsOf(account: Account, issuer: string): Promise<string[]> {
  const db = await database()
  const rows = await db
    .select({ subject: identities.subject })
    .from(identities)
    .where(
      and(
        eq(identities.accountId, account.id),
        eq(identities.issuer, issuer),
        eq(identities.emailVerified, true),
      ),
    )
  return rows.map((row) => row.subject)
}

/** Finds the account that a user proves to be theirs: by their former identity, or by their ASCII address. */
async function findOwnAccount(
  db: Database,
  profile: Profile,
  formerIdentity: Identity | null,
): Promise<string | null> {
  const former = formerIdentity && (await selectIdentity(db, formerIdentity))
  if (former?.proof) return former.account.id
  return isEmailAddress(profile.email) ? findAccountByProvedEmail(db, profile) : null
}

/**
 * Finds the account of a former identity that proved nothing either. Our own backend knows that both are the same user,
 * so they share the account until one of them proves its address.
 */
async function findUnprovedAccount(
  db: Database,
  formerIdentity: Identity | null,
): Promise<string | null> {
  const former = formerIdentity && (await selectIdentity(db, formerIdentity))
  return former && !former.proof ? former.account.id : null
}

/** Finds the account with this proved address at another issuer. Two subjects of the same issuer are two users. */
async function findAccountByProvedEmail(
  db: Database,
  { email, issuer }: Profile,
): Promise<string | null> {
  const ofSameIssuer = sql`exists (select 1 from identities same where same.account_id = ${identities.accountId} and same.issuer = ${issuer})`
  const rows = await db
    .selectDistinct({ accountId: identities.accountId })
    .from(identities)
    .where(
      and(
        eq(identities.email, email),
        eq(identities.emailVerified, true),
        sql`not ${ofSameIssuer}`,
      ),
    )
    .limit(2)
  // With two candidates it is unknown which one is the user's, so the identity joins neither.
  return rows.length === 1 && rows[0] ? rows[0].accountId : null
}

async function insertIdentity(db: Database, accountId: string, profile: Profile): Promise<void> {
  const { issuer, subject, email, proof } = profile
  await db.insert(identities).values({ issuer, subject, accountId, email, ...columnsOf(proof) })
}
