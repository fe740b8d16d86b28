import 'server-only'
import { and, eq, inArray } from 'drizzle-orm'
import type { Identity, OnAccountChange } from '../../account/account'
import { SecondFactorRequired, SecondFactorUnknown } from '../../account/second-factor-required'
import { type Database, database } from '../../db/database'
import { identities } from '../../db/schema'
import { errorText } from '../../error-text'
import { legacyConfig } from '../../legacy/config'
import { legacyProvider } from '../../legacy/configured-provider'
import { LegacyRefusal } from '../../legacy/record'
import { ProviderFailure } from '../../provider-failure'
import { recordEvent } from '../events/record'
import type { PolicyInForce } from '../policy/document'
import { policyInForce } from '../policy/store'
import { events } from '../schema'

/**
 * Refuses a Stytch identity whose user has a second factor at the legacy provider, unless the policy allows it.
 * A factor at Stytch does not count here. A reader of the mailbox could sign up there and enrol a factor of their own.
 * So these users sign in at the legacy provider, and the migration of that session proves who they are.
 *
 * It runs only when an identity is new or proves its address. An identity that has joined costs no call.
 * @param email the address that the session proves, if any
 * @returns the check of the transaction that adds the identity to an account
 * @throws {SecondFactorRequired | SecondFactorUnknown}
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function secondFactorGuard(
  email: string | null,
  formerIdentity: Identity | null,
  policy: () => Promise<PolicyInForce> = policyInForce,
): Promise<OnAccountChange> {
  const { version, allowMfaDowngrade } = await policy()
  if (allowMfaDowngrade) return async () => undefined
  const checked = await legacySubjectsBehind(email, formerIdentity)
  const subject = await subjectWithSecondFactor(checked, email)
  if (subject !== null) {
    await recordRefusal(subject, version)
    throw new SecondFactorRequired(subject)
  }
  return async (tx, { id }) => {
    // A legacy identity may have joined the account since the check.
    const joined = await legacySubjectsOf(tx, [id])
    if (joined.some((each) => !checked.includes(each))) throw new SecondFactorUnknown()
  }
}

const legacySubjectsOf = async (db: Database, accountIds: string[]): Promise<string[]> => {
  const isLegacy = eq(identities.issuer, legacyConfig().issuer)
  const rows = await db
    .select({ subject: identities.subject })
    .from(identities)
    .where(and(isLegacy, inArray(identities.accountId, accountIds)))
  return rows.map(({ subject }) => subject)
}

/** The legacy identities of every account that the Stytch identity may join. */
async function legacySubjectsBehind(
  email: string | null,
  formerIdentity: Identity | null,
): Promise<string[]> {
  const db = await database()
  const accountsOf = (condition: ReturnType<typeof and>) =>
    db.select({ id: identities.accountId }).from(identities).where(condition)
  const found = await Promise.all([
    email === null
      ? []
      : accountsOf(and(eq(identities.email, email), eq(identities.emailVerified, true))),
    formerIdentity
      ? accountsOf(
          and(
            eq(identities.issuer, formerIdentity.issuer),
            eq(identities.subject, formerIdentity.subject),
          ),
        )
      : [],
  ])
  const subjects = await legacySubjectsOf(
    db,
    found.flat().map(({ id }) => id),
  )
  return [...new Set([...subjects, ...(formerIdentity ? [formerIdentity.subject] : [])])]
}

/**
 * The legacy subject that has a second factor. Null if there is none.
 * @throws {SecondFactorUnknown}
 */
async function subjectWithSecondFactor(
  subjects: string[],
  email: string | null,
): Promise<string | null> {
  const refused = await refusedBefore(subjects)
  if (refused !== null) return refused
  try {
    return await legacyProvider().findSecondFactor(subjects, email)
  } catch (error) {
    if (!(error instanceof ProviderFailure || error instanceof LegacyRefusal)) throw error
    if (subjects.length > 0) throw new SecondFactorUnknown(error)
    // The account is new and holds no data. An outage of the legacy provider must stop no sign-up.
    console.error(`sign-in: the second factor of a new user is unknown: ${errorText(error)}`)
    return null
  }
}

/** A subject that was kept back before. Without the Management API, only the `amr` of a legacy session tells. */
async function refusedBefore(subjects: string[]): Promise<string | null> {
  const db = await database()
  const [row] = await db
    .select({ subject: events.subject })
    .from(events)
    .where(
      and(
        eq(events.reason, 'mfa_required'),
        eq(events.issuer, legacyConfig().issuer),
        inArray(events.subject, subjects),
      ),
    )
    .limit(1)
  return row?.subject ?? null
}

/** The event names the legacy identity, as the event of a migration does. The control room counts both together. */
const recordRefusal = (subject: string, policyVersion: number): Promise<void> =>
  recordEvent({
    at: new Date(),
    kind: 'sign_in',
    accountId: null,
    issuer: legacyConfig().issuer,
    subject,
    lane: 'anonymous',
    result: 'refused',
    reason: 'mfa_required',
    milliseconds: 0,
    policyVersion,
  })
