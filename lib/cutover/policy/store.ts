import 'server-only'
import { desc, eq, lt } from 'drizzle-orm'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { cutoverConfig } from '../config'
import { recordFailure } from '../events/record'
import { policies } from '../schema'
import { beforeTheMigration, type Policy, type PolicyInForce, policySchema } from './document'
import { createPolicyMemory } from './memory'
import { fallbackPolicy, httpPolicySource } from './source'

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

/** The policy is kept at `POLICY_URL`, where somebody else writes it. */
export class PolicyElsewhere extends Error {
  readonly code = 'policy_elsewhere'
  constructor() {
    super('The policy is kept at POLICY_URL: change it there.')
    this.name = 'PolicyElsewhere'
  }
}

/**
 * The policy in force; version 1 is "before the migration" until an operator says otherwise.
 * @throws {DatabaseUnavailable}
 */
export async function readPolicy(): Promise<PolicyInForce> {
  if (!cutoverConfig().ownsPolicy) return httpPolicySource()
  const db = await database()
  const [row] = await db.select().from(policies).orderBy(desc(policies.version)).limit(1)
  if (!row) return { ...beforeTheMigration, version: 1 }
  return { ...policySchema.parse(row.document), version: row.version }
}

/**
 * Appends a policy, which is in force from then on.
 * @param expectedVersion what the operator was looking at; null to put it in force whatever is there
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

/** A version of the policy, with who put it in force, and when. */
export type PolicyVersion = { version: number; author: string; at: Date; policy: Policy }

/**
 * A version, or null when nobody put it in force: of version 1 nobody did.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function policyAt(version: number): Promise<PolicyVersion | null> {
  const db = await database()
  const [row] = await db.select().from(policies).where(eq(policies.version, version))
  return row ? toVersion(row) : null
}

/**
 * What was put in force here, newest first. Version 1 is not in it: nobody put that in force.
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
 * The policy that an operator looks at: as the database has it, since they may be about to change it. Where it is
 * kept elsewhere, the one in force here: its source may be away.
 */
export const policyForOperators = (): Promise<PolicyInForce> =>
  cutoverConfig().ownsPolicy ? readPolicy() : policyInForce()

/** The policy in force, for Node: remembered like at the edge, and the last known one when the database is away. */
export function policyInForce(): Promise<PolicyInForce> {
  const memory = perProcess('policy', () => createPolicyMemory(readOrTell, fallbackPolicy()))
  return memory.value(() => undefined)
}

/** {@link readPolicy}; where it fails, the policy in force is an old one, and an operator must see that. */
const readOrTell = (): Promise<PolicyInForce> =>
  readPolicy().catch((error: unknown) => {
    recordFailure('policy', 'source_unavailable', new Date())
    throw error
  })
