import 'server-only'
import { desc, eq, lt } from 'drizzle-orm'
import { config } from '../config'
import { database } from '../db/database'
import { policies } from '../db/schema'
import { perProcess } from '../per-process'
import { recordFailure } from './events'
import { beforeTheMigration, type Policy, type PolicyInForce, policySchema } from './policy'
import { createPolicyMemory, fallbackPolicy, httpPolicySource } from './policy-source'

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
  if (!config().ownsPolicy) return httpPolicySource()
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
  if (!config().ownsPolicy) throw new PolicyElsewhere()
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

/** Who put a version in force, and when; null for the first, which nobody did. */
export async function policyAuthor(version: number): Promise<{ author: string; at: Date } | null> {
  const db = await database()
  const [row] = await db
    .select({ author: policies.author, at: policies.createdAt })
    .from(policies)
    .where(eq(policies.version, version))
  return row ?? null
}

/** A version of the policy, with who put it in force, and when. */
export type PolicyVersion = { version: number; author: string; at: Date; policy: Policy }

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
  return rows.flatMap(({ version, author, createdAt, document }) => {
    // One that the rules of today do not allow any more must not take the others along.
    const policy = policySchema.safeParse(document).data
    return policy ? [{ version, author, at: createdAt, policy }] : []
  })
}

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
