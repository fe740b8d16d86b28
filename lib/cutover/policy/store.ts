import 'server-only'
import { desc, eq, lt } from 'drizzle-orm'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { cutoverConfig } from '../config'
import { afterResponse } from '../events/after-response'
import { recordFailure } from '../events/record'
import { policies } from '../schema'
import { beforeTheMigration, type Policy, type PolicyInForce, policySchema } from './document'
import { createPolicyMemory, deadlineMilliseconds } from './memory'
import { fallbackPolicy, httpPolicySource, type PolicySource } from './source'

/** Someone else changed the policy since it was read. */
export class PolicyConflict extends Error {
  readonly code = 'policy_conflict'
  readonly current: PolicyInForce
  constructor(current: PolicyInForce) {
    super(
      `The policy is at version ${current.version} now: someone changed it. Look at it and decide again.`,
    )
    this.name = 'PolicyConflict'
    this.current = current
  }
}

/** The policy is stored at `POLICY_URL`, and this app only reads it. */
export class PolicyElsewhere extends Error {
  readonly code = 'policy_elsewhere'
  constructor() {
    super('The policy is kept at POLICY_URL: change it there.')
    this.name = 'PolicyElsewhere'
  }
}

/**
 * Reads the policy in force from where it is stored, never from memory. The edge remembers the answer, and the ages of
 * two memories would add up. Version 1 is "before the migration", until an operator changes it.
 * @throws {DatabaseUnavailable}
 */
export async function readPolicy(
  signal = AbortSignal.timeout(deadlineMilliseconds),
): Promise<PolicyInForce> {
  if (!cutoverConfig().ownsPolicy) return httpPolicySource(signal)
  const db = await database()
  const [row] = await db.select().from(policies).orderBy(desc(policies.version)).limit(1)
  if (!row) return { ...beforeTheMigration, version: 1 }
  return { ...policySchema.parse(row.document), version: row.version }
}

/**
 * Appends a policy, and so puts it in force.
 * @param expectedVersion the version that the operator was looking at; null to replace any version
 * @throws {PolicyConflict} when another version is in force
 * @throws {PolicyElsewhere}
 */
export async function appendPolicy(
  policy: Policy,
  author: string,
  expectedVersion: number | null,
): Promise<PolicyInForce> {
  if (!cutoverConfig().ownsPolicy) throw new PolicyElsewhere()
  const current = await readPolicy()
  if (expectedVersion !== null && expectedVersion !== current.version)
    throw new PolicyConflict(current)
  const version = current.version + 1
  const db = await database()
  // The version is the key: of two operators who both read version n, one insert finds n + 1 taken.
  const inserted = await db
    .insert(policies)
    .values({ version, document: policy, author })
    .onConflictDoNothing()
    .returning({ version: policies.version })
  if (inserted.length === 0) throw new PolicyConflict(await readPolicy())
  return { ...policy, version }
}

/** A version of the policy, with its author and the time of the change. */
export type PolicyVersion = { version: number; author: string; at: Date; policy: Policy }

/**
 * Reads one version. Null for a version that nobody put in force, such as version 1.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function policyAt(version: number): Promise<PolicyVersion | null> {
  const db = await database()
  const [row] = await db.select().from(policies).where(eq(policies.version, version))
  return row ? toVersion(row) : null
}

/**
 * Lists the versions that operators put in force, newest first. Version 1 is not among them.
 * @param before only versions older than this, for the next page
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function policyHistory(limit: number, before?: number): Promise<PolicyVersion[]> {
  const db = await database()
  const rows = await db
    .select()
    .from(policies)
    .where(before === undefined ? undefined : lt(policies.version, before))
    .orderBy(desc(policies.version))
    .limit(limit)
  return rows.map(toVersion)
}

const toVersion = (row: typeof policies.$inferSelect): PolicyVersion => ({
  version: row.version,
  author: row.author,
  at: row.createdAt,
  policy: policySchema.parse(row.document),
})

/**
 * The policy for the control room. It comes from the database, since an operator may be about to change it. A policy
 * at `POLICY_URL` is shown as this process knows it, since that source may be unavailable.
 */
export const policyForOperators = (): Promise<PolicyInForce> =>
  cutoverConfig().ownsPolicy ? readPolicy() : policyInForce()

/** The policy in force, for Node. Remembered as at the edge, and the last known one while the database is unavailable. */
export function policyInForce(): Promise<PolicyInForce> {
  const memory = perProcess('policy', () => createPolicyMemory(readOrRecord, fallbackPolicy()))
  return memory.value((work) => afterResponse(() => work))
}

/** Reads the policy, and records a failure: the policy in force may then be an old one, and an operator must see that. */
const readOrRecord: PolicySource = (signal) =>
  readPolicy(signal).catch((error: unknown) => {
    recordFailure('policy', 'source_unavailable', new Date())
    throw error
  })
