import 'server-only'
import { and, eq, notLike, sql } from 'drizzle-orm'
import { type Database, database, inTransaction } from '../db/database'
import { accounts, identities } from '../db/schema'
import { perProcess } from '../per-process'

/** A person as this product knows them, whichever provider signed them in. */
export type Account = {
  /** Stable for life: stays the same when the provider changes. */
  id: string
  email: string
  /** True when a provider vouched for the address. */
  emailVerified: boolean
  name: string
}

/** Who a provider says someone is. */
export type Identity = {
  /** The canonical name of the issuer. */
  issuer: string
  subject: string
}

/** What is new about an identity: it joins the account, its address was proved only now, or it has another one. */
export type News = 'joined' | 'proved' | 'moved'

/**
 * Told of such news in the transaction that writes them, so that whatever must follow is either written
 * with them or not at all. Must use `tx` and nothing else of the database.
 */
export type Announce = (tx: Database, account: Account, news: News) => Promise<void>

/** What a provider says of them. `emailVerified` only where the address was proved, not just typed. */
export type Profile = Identity & {
  email: string
  emailVerified: boolean
  name: string
  /** Said by the provider just now: a profile out of an older session must not bring an old address back. */
  isCurrent: boolean
}

type Known = { account: Account; email: string; emailVerified: boolean }

// Who was found once is remembered for a while, and for longer while the database is away: this is what
// lets pages of known people be served without it.
const { value: remembered } = perProcess(
  'accounts',
  () => new Map<string, Known & { until: number }>(),
)
const rememberedLimit = 10_000
const rememberedMilliseconds = 5 * 60 * 1_000

const keyOf = ({ issuer, subject }: Identity): string => `${issuer}\n${subject}`

function remember(identity: Identity, known: Known): Account {
  const key = keyOf(identity)
  remembered.delete(key)
  if (remembered.size >= rememberedLimit)
    remembered.delete(remembered.keys().next().value as string)
  remembered.set(key, { ...known, until: Date.now() + rememberedMilliseconds })
  return known.account
}

async function findKnown(identity: Identity): Promise<Known | null> {
  const memory = remembered.get(keyOf(identity))
  if (memory && memory.until > Date.now()) return memory
  try {
    const found = await selectKnown(await database(), identity)
    if (found) remember(identity, found)
    return found
  } catch (error) {
    if (memory) return memory
    throw error
  }
}

/**
 * The account of an identity, or null when it was never seen.
 * @throws {DatabaseUnavailable} unless the account is still remembered
 */
export async function findAccount(identity: Identity): Promise<Account | null> {
  return (await findKnown(identity))?.account ?? null
}

/** Looks an identity up again at its next sight: it is about to belong to another account. */
export const forgetIdentity = (identity: Identity): void => {
  remembered.delete(keyOf(identity))
}

async function selectKnown(db: Database, { issuer, subject }: Identity): Promise<Known | null> {
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
 * The account of an identity, made at first sight, and kept up to date with what its provider says.
 *
 * A new identity joins an existing account by e-mail address only where both sides verified it: else
 * whoever types a stranger's address at one provider would own their account at the other. The same
 * happens when an address that was only typed is proved later.
 * @param formerly the identity that the same person is known to have had at another issuer, if any
 * @param prepare called before the transaction, for what cannot be done inside; gives whom to tell the news
 * @throws {DatabaseUnavailable} and whatever `prepare` and its announcement throw: then nothing is written
 */
export async function openAccount(
  given: Profile,
  formerly: Identity | null = null,
  prepare: (() => Promise<Announce>) | null = null,
): Promise<Account> {
  const profile = normalised(given)
  const known = await findKnown(profile)
  if (known && !isNews(profile, known)) return known.account

  const announce = await prepare?.()
  const account = await inTransaction(async (tx) => {
    // One at a time for an identity and for an address: two tabs, or both providers at once, must not make two
    // accounts. Always in this order, so that two of them never wait for each other.
    await lockIdentity(tx, profile)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${profile.email}))`)
    const current = await selectKnown(tx, profile)
    const { account, news } = current
      ? await update(tx, profile, current)
      : await create(tx, profile, formerly)
    if (news) await announce?.(tx, account, news)
    return account
  })
  return remember(profile, { account, email: profile.email, emailVerified: profile.emailVerified })
}

/** Until the end of the transaction. The first number keeps these locks apart from those of addresses. */
const lockIdentity = (tx: Database, identity: Identity) =>
  tx.execute(sql`select pg_advisory_xact_lock(1, hashtext(${keyOf(identity)}))`)

/** Only plain addresses are compared: folding others may turn one person's into another's (K, the Kelvin sign, is k). */
function normalised(profile: Profile): Profile {
  const isPlain = /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(profile.email)
  return {
    ...profile,
    email: isPlain ? profile.email.toLowerCase() : profile.email,
    emailVerified: profile.emailVerified && isPlain,
  }
}

/** An address that is merely less sure than it was is no news: one session says less than another. */
const isNews = (profile: Profile, known: Known): boolean =>
  profile.emailVerified &&
  (!known.emailVerified ||
    !known.account.emailVerified ||
    (profile.isCurrent && profile.email !== known.email))

type Written = { account: Account; news: News | null }

async function create(tx: Database, profile: Profile, formerly: Identity | null): Promise<Written> {
  const twin =
    (formerly && (await selectKnown(tx, formerly))?.account) ??
    (profile.emailVerified ? await findVerifiedTwin(tx, profile) : null)
  const account: Account = twin ?? {
    id: `acct_${crypto.randomUUID()}`,
    email: profile.email,
    emailVerified: profile.emailVerified,
    name: profile.name || profile.email,
  }
  if (!twin) await tx.insert(accounts).values(account)
  await insertIdentity(tx, account.id, profile)
  return { account, news: 'joined' }
}

async function update(tx: Database, profile: Profile, { account }: Known): Promise<Written> {
  if (!profile.emailVerified) return { account, news: null }
  const isThis = and(eq(identities.issuer, profile.issuer), eq(identities.subject, profile.subject))
  const facts = { email: profile.email, emailVerified: true }
  // A subject that ends in the account's own id was made for it, by us, and is nobody else.
  const isPerson = notLike(identities.subject, `%${account.id}`)
  const siblings = await tx.$count(identities, and(eq(identities.accountId, account.id), isPerson))
  // What was made with an address that nobody had proved may be a stranger's: whoever proves it now gets
  // their own account, and what is in the other one is left behind with it.
  const twin = !account.emailVerified && siblings === 1 ? await findVerifiedTwin(tx, profile) : null
  if (twin) {
    await tx
      .update(identities)
      .set({ ...facts, accountId: twin.id })
      .where(isThis)
    return { account: twin, news: 'joined' }
  }
  await tx.update(identities).set(facts).where(isThis)
  await tx.update(accounts).set(facts).where(eq(accounts.id, account.id))
  const isMoved = account.email !== facts.email
  const news = !account.emailVerified ? 'proved' : isMoved ? 'moved' : null
  return { account: { ...account, ...facts }, news }
}

/**
 * Adds an identity to an account that is known to be the same person's, which the caller has proved.
 * @returns false when the identity already belongs to another account; nothing was changed then
 */
export async function linkIdentity(account: Account, given: Profile): Promise<boolean> {
  const profile = normalised(given)
  const owner = await inTransaction(async (tx) => {
    await lockIdentity(tx, profile)
    await insertIdentity(tx, account.id, profile)
    return selectKnown(tx, profile)
  })
  if (owner?.account.id !== account.id) return false
  remember(profile, owner)
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

/** The one account of this address at another issuer: two subjects of one issuer are two people. */
async function findVerifiedTwin(db: Database, { email, issuer }: Profile): Promise<Account | null> {
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
  // Two candidates: nothing says which one is meant, so neither is.
  return rows.length === 1 && rows[0] ? toAccount(rows[0].account) : null
}

async function insertIdentity(db: Database, accountId: string, profile: Profile): Promise<void> {
  const { issuer, subject, email, emailVerified } = profile
  await db
    .insert(identities)
    .values({ issuer, subject, accountId, email, emailVerified })
    .onConflictDoNothing()
}
