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
import { withOrganizationAliases } from './organization-aliases'
import { fallbackPolicy, httpPolicySource, type PolicySource } from './source'

/** Another operator has changed the policy in the meantime. */
export class PolicyConflict extends Error {
  readonly code = 'policy_conflict'
  readonly current: PolicyInForce
  constructor(current: PolicyInForce) {
    super(
      `Another operator changed the policy. It is now at version ${current.version}. Review it and decide again.`,
    )
    this.name = 'PolicyConflict'
    this.current = current
  }
}

/** The policy is stored at `POLICY_URL`, and this app only reads it. */
export class PolicyElsewhere extends Error {
  readonly code = 'policy_elsewhere'
  constructor() {
    super('The policy is stored at POLICY_URL. Change it there.')
    this.name = 'PolicyElsewhere'
  }
}

/**
 * Reads the policy in force from where it is stored, and never from a cache. The edge caches the answer, and the ages
 * of two caches would add up. Version 1 is "before the migration", until an operator changes it.
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
 * The policy for the edge and for Node. It names each organization by all of its names. A policy at `POLICY_URL` stays as
 * it is: the edge reads it there without this app, and both must decide alike.
 * @throws {DatabaseUnavailable}
 */
export async function readDeliveredPolicy(signal?: AbortSignal): Promise<PolicyInForce> {
  const policy = await readPolicy(signal)
  return cutoverConfig().ownsPolicy ? withOrganizationAliases(policy) : policy
}

/**
 * Appends a policy, which puts it in force.
 * @param expectedVersion the version that the operator has seen. Null replaces any version.
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
  // The version is the primary key. When two operators replace version n at once, only one can insert n + 1.
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
 * Reads one version. Null for a version that no operator put in force, such as version 1.
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
 * The policy for the control room. It comes from the database, since an operator may be about to change it. For a
 * policy at `POLICY_URL` it comes from the cache of this process, since that source may be unavailable.
 */
export const policyForOperators = (): Promise<PolicyInForce> =>
  cutoverConfig().ownsPolicy ? readPolicy() : policyInForce()

/** The policy in force, for Node. It is cached as at the edge, and the last known one is used in an outage. */
export function policyInForce(): Promise<PolicyInForce> {
  const memory = perProcess('policy', () => createPolicyMemory(readOrRecord, fallbackPolicy()))
  return memory.value((work) => afterResponse(() => work))
}

/** Reads the policy, and records a failure so that operators learn that an old policy may be in force. */
const readOrRecord: PolicySource = (signal) =>
  readDeliveredPolicy(signal).catch((error: unknown) => {
    recordFailure('policy', 'source_unavailable', new Date())
    throw error
  })
