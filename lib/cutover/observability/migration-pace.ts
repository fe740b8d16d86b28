import 'server-only'
import { and, eq, gte, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { cutoverConfig } from '../config'
import type { Policy } from '../policy/document'
import { claims, events } from '../schema'

const minute = 60_000
const hour = 60 * minute

/** The pace of the migration, and who waits for it. */
export type MigrationPace = {
  /** The brake: the migrations that all instances together may start in a second. */
  limitPerSecond: number
  migratedLastMinute: number
  /** Sessions that the brake held back in the last minute, and that still wait. */
  heldBackLastMinute: number
  /** Legacy sessions of the cohort that were active in the last hour and are not migrated yet. An estimate. */
  remaining: number
  /** The time until they are migrated at the pace of the last minute. Null while nothing is migrated. */
  secondsLeft: number | null
  /** Users with a second factor at the legacy provider and without an identity at Stytch. */
  keptBackForMfa: number
}

/** @throws {DatabaseUnavailable} and driver errors */
export async function readMigrationPace(
  policy: Pick<Policy, 'cohort'>,
  now: Date,
): Promise<MigrationPace> {
  const db = await database()
  const aMinuteAgo = new Date(now.getTime() - minute)
  const isMigrated = and(eq(events.kind, 'migration'), eq(events.result, 'migrated'))
  const isHeldBack = and(eq(claims.state, 'waiting'), gte(claims.updatedAt, aMinuteAgo))
  const [migratedLastMinute, heldBackLastMinute, active, keptBackForMfa] = await Promise.all([
    db.$count(events, and(gte(events.at, aMinuteAgo), isMigrated)),
    db.$count(claims, isHeldBack),
    countUnmigrated(new Date(now.getTime() - hour)),
    countKeptBackForMfa(),
  ])
  const remaining = Math.round(active * shareOf(policy))
  return {
    limitPerSecond: cutoverConfig().migrationsPerSecond,
    migratedLastMinute,
    heldBackLastMinute,
    remaining,
    secondsLeft: secondsLeft(remaining, migratedLastMinute),
    keptBackForMfa,
  }
}

/** Null while nothing is migrated, because the time is then unknown. */
export function secondsLeft(remaining: number, migratedLastMinute: number): number | null {
  if (remaining === 0) return 0
  return migratedLastMinute === 0 ? null : Math.ceil((remaining * 60) / migratedLastMinute)
}

/** By the percentage alone. The reach of the other rules is unknown. */
function shareOf({ cohort }: Pick<Policy, 'cohort'>): number {
  if (typeof cohort !== 'string') return cohort.percent / 100
  return cohort === 'everybody' ? 1 : 0
}

async function countUnmigrated(since: Date): Promise<number> {
  return count(sql`
    select count(*)::int as count from sightings s
    where s.lane = 'legacy' and s.last_seen >= ${since.toISOString()}::timestamptz
      and not exists (
        select 1 from claims c
        where c.session_key = s.session_key and c.state in ('migrated', 'ended', 'refused')
      )`)
}

async function countKeptBackForMfa(): Promise<number> {
  return count(sql`
    select count(*)::int as count from (
      select distinct issuer, subject from events where reason = 'mfa_required'
    ) kept
    where not exists (
      select 1 from identities legacy
      join identities stytch on stytch.account_id = legacy.account_id
      where legacy.issuer = kept.issuer and legacy.subject = kept.subject
        and stytch.issuer <> kept.issuer
    )`)
}

async function count(query: ReturnType<typeof sql>): Promise<number> {
  const db = await database()
  const { rows } = (await db.execute(query)) as unknown as { rows: { count: number }[] }
  return rows[0]?.count ?? 0
}
