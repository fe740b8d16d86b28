import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { type Database, database } from '../db/database'
import { accounts, identities } from '../db/schema'

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

export type Profile = Identity & { email: string; emailVerified: boolean; name: string }

// An identity never moves to another account, so what was found once may be remembered; this is what
// lets pages of known people be served while the database is away.
const remembered = new Map<string, Account>()
const rememberedLimit = 10_000

const keyOf = ({ issuer, subject }: Identity): string => `${issuer}\n${subject}`

function remember(identity: Identity, account: Account): Account {
  if (remembered.size >= rememberedLimit)
    remembered.delete(remembered.keys().next().value as string)
  remembered.set(keyOf(identity), account)
  return account
}

/**
 * The account of an identity, or null when it was never seen.
 * @throws {DatabaseUnavailable} unless the account is still remembered
 */
export async function findAccount(identity: Identity): Promise<Account | null> {
  const known = remembered.get(keyOf(identity))
  if (known) return known
  const found = await selectAccount(await database(), identity)
  return found ? remember(identity, found) : null
}

async function selectAccount(db: Database, { issuer, subject }: Identity): Promise<Account | null> {
  const [row] = await db
    .select({ account: accounts })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
  return row ? toAccount(row.account) : null
}

const toAccount = ({ id, email, emailVerified, name }: Account): Account => ({
  id,
  email,
  emailVerified,
  name,
})

/**
 * The account of an identity, made at first sight.
 *
 * A new identity joins an existing account by e-mail address only where both sides verified it:
 * else whoever types a stranger's address at one provider would own their account at the other.
 * @param formerly the identity that the same person is known to have had at another issuer, if any
 * @throws {DatabaseUnavailable}
 */
export async function openAccount(
  profile: Profile,
  formerly: Identity | null = null,
): Promise<Account> {
  const known = await findAccount(profile)
  if (known) return known
  const db = await database()
  const email = profile.email.toLowerCase()
  const account = await db.transaction(async (tx) => {
    // One at a time for an address: two tabs, or both providers at once, must not make two accounts.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${email}))`)
    const meanwhile = await selectAccount(tx, profile)
    if (meanwhile) return meanwhile
    const twin =
      (formerly && (await selectAccount(tx, formerly))) ??
      (profile.emailVerified ? await findVerifiedTwin(tx, email) : null)
    const target: Account = twin ?? {
      id: `acct_${crypto.randomUUID()}`,
      email,
      emailVerified: profile.emailVerified,
      name: profile.name || email,
    }
    if (!twin) await tx.insert(accounts).values(target)
    await insertIdentity(tx, target.id, { ...profile, email })
    return target
  })
  return remember(profile, account)
}

/**
 * Adds an identity to an account that is known to be the same person's, which the caller has proved.
 * @returns false when the identity already belongs to another account; nothing was changed then
 */
export async function linkIdentity(account: Account, profile: Profile): Promise<boolean> {
  const db = await database()
  await insertIdentity(db, account.id, { ...profile, email: profile.email.toLowerCase() })
  const owner = await selectAccount(db, profile)
  if (owner?.id !== account.id) return false
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

async function findVerifiedTwin(db: Database, email: string): Promise<Account | null> {
  const rows = await db
    .selectDistinct({ account: accounts })
    .from(identities)
    .innerJoin(accounts, eq(accounts.id, identities.accountId))
    .where(and(eq(identities.email, email), eq(identities.emailVerified, true)))
    .limit(2)
  // Two candidates: nothing says which one is meant, so neither is.
  return rows.length === 1 && rows[0] ? toAccount(rows[0].account) : null
}

async function insertIdentity(db: Database, accountId: string, profile: Profile): Promise<void> {
  await db
    .insert(identities)
    .values({
      issuer: profile.issuer,
      subject: profile.subject,
      accountId,
      email: profile.email,
      emailVerified: profile.emailVerified,
    })
    .onConflictDoNothing()
}
