import 'server-only'
import { and, asc, count, eq, gt, gte, max, min, sql } from 'drizzle-orm'
import { config } from '../config'
import { type Database, database } from '../db/database'
import { identities, laneCounts, policies, sightings } from '../db/schema'
import { stytchIssuerName } from '../stytch/issuer'
import { mirrorStatus } from './mirror/status'
import { sightingsKeptDays } from './retention'
import { type SwitchOffFacts, type SwitchOffLine, switchOffLines } from './switch-off-lines'

/** How far the check can look back: what is older is not kept. In days. */
export const switchOffDays = { default: 30, most: sightingsKeptDays - 10 }

export type SwitchOffCheck = { days: number; ok: boolean; lines: SwitchOffLine[] }

/**
 * Whether the legacy provider can be switched off with nobody noticing.
 * @param days how far to look back, 1 to 90
 * @throws {DatabaseUnavailable} and driver errors: a check that is half done must not look like a yes
 */
export async function switchOffCheck(days: number, now: Date): Promise<SwitchOffCheck> {
  if (!Number.isInteger(days) || days < 1 || days > switchOffDays.most) {
    throw new RangeError(`days must be 1 to ${switchOffDays.most}, got ${days}`)
  }
  const lines = switchOffLines(await factsOf(days, now), now)
  return { days, ok: lines.every(({ ok }) => ok), lines }
}

async function factsOf(days: number, now: Date): Promise<SwitchOffFacts> {
  const db = await database()
  const [legacy, accounts, { on, pending, retrying, dead }, policy] = await Promise.all([
    legacySessions(db, days, now),
    accountsByProvider(db),
    mirrorStatus(),
    config().ownsPolicy ? policyFacts(db) : null,
  ])
  return { days, legacy, accounts, mirror: { on, waiting: pending + retrying, dead }, policy }
}

async function legacySessions(
  db: Database,
  days: number,
  now: Date,
): Promise<SwitchOffFacts['legacy']> {
  const from = new Date(now.getTime() - days * 24 * 60 * 60 * 1_000)
  const isLegacy = eq(sightings.lane, 'legacy')
  const [[seen], [ever], [watched]] = await Promise.all([
    db
      .select({ sessions: count() })
      .from(sightings)
      .where(and(isLegacy, gte(sightings.lastSeen, from))),
    db
      .select({ at: max(sightings.lastSeen) })
      .from(sightings)
      .where(isLegacy),
    db
      .select({ since: min(laneCounts.at) })
      .from(laneCounts)
      .where(eq(laneCounts.resolution, 'hour')),
  ])
  return {
    sessions: seen?.sessions ?? 0,
    lastSeen: ever?.at ?? null,
    watchedSince: watched?.since ?? null,
  }
}

/** An account that was left behind without any identity is nobody's, and not counted. */
async function accountsByProvider(db: Database): Promise<SwitchOffFacts['accounts']> {
  const byAccount = db
    .select({
      atStytch: sql<boolean>`bool_or(${identities.issuer} = ${stytchIssuerName()})`.as('at_stytch'),
    })
    .from(identities)
    .groupBy(identities.accountId)
    .as('by_account')
  const [row] = await db
    .select({
      total: count(),
      notAtStytch: sql<number>`count(*) filter (where not ${byAccount.atStytch})::int`,
    })
    .from(byAccount)
  return row ?? { total: 0, notAtStytch: 0 }
}

/** A version's cohort as text: "nobody", "everybody", or the rules as JSON. */
const cohort = sql<string>`${policies.document} ->> 'cohort'`

async function policyFacts(db: Database): Promise<SwitchOffFacts['policy']> {
  const [rollback, [broken]] = await Promise.all([
    // From the newest back; versions are numbered without gaps, and version 1 was "nobody".
    db.execute(sql`
      select after.version, after.author, after.created_at as at
      from policies after join policies before on before.version = after.version - 1
      where after.document ->> 'cohort' = 'nobody' and before.document ->> 'cohort' <> 'nobody'
      order by after.version desc limit 1
    `) as unknown as Promise<{ rows: { version: number; author: string; at: string | Date }[] }>,
    db
      .select({ version: max(policies.version) })
      .from(policies)
      .where(sql`${cohort} <> 'everybody'`),
  ])
  const [last] = rollback.rows
  const [everybody] = await db
    .select({ since: policies.createdAt })
    .from(policies)
    .where(gt(policies.version, broken?.version ?? 0))
    .orderBy(asc(policies.version))
    .limit(1)
  return {
    lastRollback: last ? { ...last, at: new Date(last.at) } : null,
    everybodySince: everybody?.since ?? null,
  }
}
