import 'server-only'
import { and, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import { database } from '../db/database'
import { mirrorPasswords } from './schema'

/** How long the app keeps what it stores. docs/retention.md has the same table, and a test keeps the two in step. */
type Rule = {
  table: string
  /** Which of its rows, where the rule is not for all. */
  rows?: string
  /** Null: until somebody deletes it. In days. */
  days: number | null
  why: string
  /** What says how old a row is. */
  age?: SQL
  /** Only these, the `rows`. */
  only?: SQL
}

/** The switch-off check looks back no further than this allows. In days. */
export const sightingsKeptDays = 100

export const retention: readonly Rule[] = [
  {
    table: 'accounts',
    days: null,
    why: "The product's own: a person keeps their account for life.",
  },
  {
    table: 'identities',
    days: null,
    why: 'Say which account a person at a provider has. Deleted with their account.',
  },
  { table: 'notes', days: null, why: "The product's own data. Deleted with their account." },
  {
    table: 'policies',
    days: null,
    why: 'The history of who changed what. A row for each change by an operator.',
  },
  {
    table: 'claims',
    days: 90,
    why: 'A claim that is gone may be taken again, so it must outlive the legacy session.',
    age: sql`updated_at`,
  },
  {
    table: 'mirror_passwords',
    days: null,
    why: 'A password is taken out after a day, and the row is deleted when its job is done.',
  },
  {
    table: 'events',
    rows: 'sign-ups while the mirror is off',
    days: null,
    why: 'They name the people whom a rollback locks out.',
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
    // For the index, which begins with the lane.
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
    why: 'As long as the sightings that they count.',
    age: sql`at`,
    only: sql`resolution = 'hour'`,
  },
  { table: 'mirror_samples', days: 8, why: 'The longest chart is of a week.', age: sql`at` },
  {
    table: 'pgboss.job',
    rows: 'done',
    days: 7,
    why: 'For a look at what the mirror did last week. pg-boss deletes them.',
  },
  {
    table: 'pgboss.job',
    rows: 'given up',
    days: 365,
    why: 'An operator can start them again. pg-boss deletes them.',
  },
]

const dayMilliseconds = 24 * 60 * 60 * 1_000

/**
 * Deletes what is older than its rule says, in batches, each a short transaction of its own. Any number of
 * instances may do so at once: none waits for rows that another one is deleting.
 *
 * @param until no batch is begun after this; what is left is for the next time
 * @returns how many rows
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

/** Some rows that are older than their rule says. */
export function oldRows({ table, days, age, only }: Rule, now: Date, limit: number): SQL {
  const oldest = new Date(now.getTime() - (days ?? 0) * dayMilliseconds).toISOString()
  return sql`
    select ctid from ${sql.identifier(table)}
    where ${age} < ${oldest}::timestamptz and ${only ?? sql`true`}
    limit ${limit} for update skip locked`
}

/** Clears passwords that no mirror job could use within their day. The job then mails a link instead. */
export async function clearExpiredPasswords(now: Date): Promise<void> {
  const db = await database()
  const isExpired = and(isNotNull(mirrorPasswords.sealed), lt(mirrorPasswords.expiresAt, now))
  await db.update(mirrorPasswords).set({ sealed: null }).where(isExpired)
}
