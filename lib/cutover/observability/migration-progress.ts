import 'server-only'
import { and, desc, eq, ne, or, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { type PresetName, presetOf } from '../policy/document'
import { policyInForce } from '../policy/store'
import { events, policies } from '../schema'

/** The progress of the migration: for the deployment, and for one account. */
export type MigrationProgress = {
  policy: {
    version: number
    option: PresetName | 'rolling'
    /** Null unless the option is rolling. */
    percent: number | null
  }
  /** How this account got its last Stytch session, if it has had one. */
  arrival: 'carried_over' | 'signed_in' | null
  /** Whether any user has had a Stytch session. */
  hasArrivals: boolean
  /** Whether any policy so far had a cohort. */
  wentForward: boolean
}

/**
 * Reads the progress for the guided tour. It shows the policy to every visitor, so only the sandbox may call it.
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
