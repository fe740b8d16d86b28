import 'server-only'
import { and, desc, eq, ne, or, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { type PresetName, presetOf } from '../policy/document'
import { policyInForce } from '../policy/store'
import { events, policies } from '../schema'

/** How far the migration has come: the whole of it, and for one account. */
export type MigrationProgress = {
  policy: {
    version: number
    option: PresetName | 'rolling'
    /** Null where the option is not rolling. */
    percent: number | null
  }
  /** How this account last came to Stytch, if it did. */
  arrival: 'carried_over' | 'signed_in' | null
  /** Whether anybody came to Stytch. */
  hasArrivals: boolean
  /** Whether anybody was ever in a cohort. */
  wentForward: boolean
}

/**
 * For the guided tour: it shows the policy to whoever looks, so it is for the sandbox only. Asks no provider.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function readMigrationProgress(accountId: string | null): Promise<MigrationProgress> {
  const { version, cohort, carrySessions, note } = await policyInForce()
  const db = await database()
  const isArrival = or(
    and(eq(events.kind, 'migration'), eq(events.result, 'migrated')),
    and(eq(events.kind, 'sign_in'), eq(events.lane, 'stytch')),
  )
  const [latest] = accountId
    ? await db
        .select({ kind: events.kind })
        .from(events)
        .where(and(isArrival, eq(events.accountId, accountId)))
        .orderBy(desc(events.id))
        .limit(1)
    : []
  const wasForward = ne(sql`${policies.document} ->> 'cohort'`, 'nobody')
  return {
    policy: {
      version,
      option: presetOf({ cohort, carrySessions, note }) ?? 'rolling',
      percent: typeof cohort === 'string' ? null : cohort.percent,
    },
    arrival: latest ? (latest.kind === 'migration' ? 'carried_over' : 'signed_in') : null,
    hasArrivals: (await db.$count(events, isArrival)) > 0,
    wentForward: (await db.$count(policies, wasForward)) > 0,
  }
}
