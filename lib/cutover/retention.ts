import 'server-only'
import { and, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import { database } from '../db/database'
import { mirrorPasswords } from './schema'

/** How long the app keeps its rows. A test compares this list with the table of docs/retention.md. */
type Rule = {
  table: string
  /** The rows that the rule applies to. Omitted if it applies to all rows. */
  rows?: string
  /** Days until a row is deleted. Null if its age does not matter. 0 if `age` is the time at which the row expires. */
  days: number | null
  why: string
  /** The column with the time of the row. */
  age?: SQL
  /** The condition in SQL that selects `rows`. */
  only?: SQL
}

/** Limits the time range of the switch-off check. In days. */
export const sightingsKeptDays = 100

export const retention: readonly Rule[] = [
  {
    table: 'accounts',
    days: null,
    why: "The product's own data. A user keeps their account for life.",
  },
  {
    table: 'identities',
    days: null,
    why: 'Each row links a user at a provider to an account. Deleted with the account.',
  },
  { table: 'notes', days: null, why: "The product's own data. Deleted with their account." },
  { table: 'organizations', days: null, why: "Their members' notes belong to them." },
  {
    table: 'memberships',
    days: null,
    why: 'The people of a team. Deleted with their account or their organization.',
  },
  {
    table: 'team_notes',
    days: null,
    why: "The team's own data. A note stays when its author leaves, and is deleted with the organization.",
  },
  {
    table: 'revocations',
    rows: 'of ended sessions, ended memberships and unblocked users',
    days: 0,
    why: 'A row is deleted when no session can use it any more. That is ten minutes after Stytch has confirmed a sign-out.',
    age: sql`expires_at`,
  },
  {
    table: 'revocations',
    rows: 'of blocked and deleted users',
    days: null,
    why: 'The app refuses these users until the provider unblocks them.',
  },
  {
    table: 'rate_limits',
    days: 1,
    why: 'The longest window is an hour. The library of the rate limits deletes them an hour later.',
  },
  {
    table: 'policies',
    days: null,
    why: 'The history of the policy. Each change by an operator adds a row.',
  },
  {
    table: 'claims',
    days: 400,
    why: 'Without its claim a legacy session could be migrated again, so the claim must outlive it.',
    age: sql`updated_at`,
  },
  {
    table: 'migration_rate',
    days: 2,
    why: 'The brake reads the current second only.',
    age: sql`at`,
  },
  {
    table: 'mirror_passwords',
    days: null,
    why: 'The app deletes the password after a day, and the row when its job is done.',
  },
  {
    table: 'events',
    rows: 'sign-ups while the mirror is off',
    days: null,
    why: 'They name the users who could not sign in after a rollback.',
  },
  {
    table: 'events',
    rows: 'all others',
    days: sightingsKeptDays,
    why: 'The check before the switch-off looks back 90 days.',
    age: sql`at`,
    only: sql`not (kind = 'mirror' and result = 'off' and account_id is not null)`,
  },
  {
    table: 'sightings',
    days: sightingsKeptDays,
    why: 'The check before the switch-off looks back 90 days.',
    age: sql`last_seen`,
    // The index starts with the lane. Without this condition Postgres would read the whole table.
    only: sql`lane in ('stytch', 'legacy')`,
  },
  {
    table: 'lane_counts',
    rows: 'by the minute',
    days: 8,
    why: 'The longest chart is of a week.',
    age: sql`at`,
    only: sql`resolution = 'minute'`,
  },
  {
    table: 'lane_counts',
    rows: 'by the hour',
    days: sightingsKeptDays,
    why: 'They are kept as long as the sightings that they count.',
    age: sql`at`,
    only: sql`resolution = 'hour'`,
  },
  {
    table: 'legacy_users',
    days: null,
    why: 'The users of the in-house login. A product with such a login has its own rules for them.',
  },
  {
    table: 'legacy_sessions',
    days: 1,
    why: 'A session of the in-house login that has expired opens nothing.',
    age: sql`expires_at`,
  },
  {
    table: 'legacy_exchange_tokens',
    days: 1,
    why: 'Stytch exchanges each of them within a minute.',
    age: sql`expires_at`,
  },
  { table: 'legacy_poll', days: null, why: 'Two rows. They say when users were last looked up.' },
  { table: 'mirror_samples', days: 8, why: 'The longest chart is of a week.', age: sql`at` },
  {
    table: 'backfill_runs',
    days: null,
    why: 'One row for each pair of imported files, and one for organizations. It names no user.',
  },
  {
    table: 'backfill_rows',
    days: 400,
    why: 'They say which Stytch users the import created, and which users stayed out.',
    age: sql`updated_at`,
  },
  {
    table: 'backfill_pace',
    days: null,
    why: 'One row. It says when the next call of the backfill may start.',
  },
  {
    table: 'backfill_sides',
    days: 1,
    why: 'A reconciliation deletes its rows at its end, unless it is killed.',
    age: sql`created_at`,
  },
  {
    table: 'backfill_reconciliations',
    days: 400,
    why: 'Their last result decides about a check before the switch-off. They name no user.',
    age: sql`at`,
  },
  {
    table: 'pgboss.job',
    rows: 'done',
    days: 7,
    why: 'Operators can look up the jobs of the last week. pg-boss deletes them.',
  },
  {
    table: 'pgboss.job',
    rows: 'dead',
    days: 365,
    why: 'An operator can retry them. pg-boss deletes them.',
  },
]

const dayMilliseconds = 24 * 60 * 60 * 1_000

/**
 * Deletes the rows that are older than their rule allows. Each batch is a short transaction of its own. Several
 * instances may run this at once, because each skips the rows that another instance is deleting.
 *
 * @param until starts no batch after this time. The next run deletes the remaining rows.
 * @returns the number of deleted rows
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function prune(now: Date, until?: Date, batchSize = 1_000): Promise<number> {
  const db = await database()
  await clearExpiredPasswords(now)
  let deleted = 0
  for (const rule of retention) {
    if (rule.days === null || !rule.age) continue
    for (let batch = batchSize; batch === batchSize; ) {
      if (until && Date.now() > until.getTime()) return deleted
      const { rowCount } = await db.execute(sql`
        delete from ${sql.identifier(rule.table)}
        where ctid = any (array(${oldRows(rule, now, batchSize)}))`)
      batch = rowCount ?? 0
      deleted += batch
    }
  }
  return deleted
}

/** SQL that selects at most `limit` rows older than their rule allows. */
export function oldRows({ table, days, age, only }: Rule, now: Date, limit: number): SQL {
  const oldest = new Date(now.getTime() - (days ?? 0) * dayMilliseconds).toISOString()
  return sql`
    select ctid from ${sql.identifier(table)}
    where ${age} < ${oldest}::timestamptz and ${only ?? sql`true`}
    limit ${limit} for update skip locked`
}

/** Deletes passwords that no mirror job has written within a day. The job then sends a set-password mail instead. */
export async function clearExpiredPasswords(now: Date): Promise<void> {
  const db = await database()
  const isExpired = and(isNotNull(mirrorPasswords.sealed), lt(mirrorPasswords.expiresAt, now))
  await db.update(mirrorPasswords).set({ sealed: null }).where(isExpired)
}
