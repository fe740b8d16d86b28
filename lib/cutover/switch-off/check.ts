import 'server-only'
import { and, asc, count, eq, gt, gte, max, min, or, sql } from 'drizzle-orm'
import { type Database, database } from '../../db/database'
import { identities } from '../../db/schema'
import { stytchIssuerName } from '../../stytch/issuer'
import { lastReconciliation } from '../backfill/reconcile/results'
import { cutoverConfig } from '../config'
import { memberIssuerPrefix } from '../mirror/members'
import { mirrorStatus } from '../mirror/status'
import { sightingsKeptDays } from '../retention'
import { laneCounts, policies, sightings } from '../schema'
import { type SwitchOffFacts, type SwitchOffLine, switchOffLines } from './checklist'

/** Time range of the checks in days. The maximum follows from how long sightings are kept. */
export const switchOffDays = { default: 30, max: sightingsKeptDays - 10 }

export type SwitchOffCheck = { days: number; ok: boolean; lines: SwitchOffLine[] }

/**
 * Checks whether the legacy provider can be switched off without affecting users.
 * @param days time range of the checks, 1 to 90
 * @throws {DatabaseUnavailable} and driver errors. An incomplete check must not look like a passed one.
 */
export async function switchOffCheck(days: number, now: Date): Promise<SwitchOffCheck> {
  if (!Number.isInteger(days) || days < 1 || days > switchOffDays.max) {
    throw new RangeError(`days must be 1 to ${switchOffDays.max}, got ${days}`)
  }
  const lines = switchOffLines(await readFacts(days, now), now)
  return { days, ok: lines.every(({ ok }) => ok), lines }
}

async function readFacts(days: number, now: Date): Promise<SwitchOffFacts> {
  const db = await database()
  const [legacy, accounts, reconciliation, { on, pending, retrying, dead }, policy] =
    await Promise.all([
      readLegacySessions(db, days, now),
      countAccounts(db),
      lastReconciliation(),
      mirrorStatus(),
      cutoverConfig().ownsPolicy ? readPolicyFacts(db) : null,
    ])
  const mirror = { on, waiting: pending + retrying, dead }
  return { days, legacy, accounts, reconciliation, mirror, policy }
}

async function readLegacySessions(
  db: Database,
  days: number,
  now: Date,
): Promise<SwitchOffFacts['legacy']> {
  const from = new Date(now.getTime() - days * 24 * 60 * 60 * 1_000)
  const isLegacy = eq(sightings.lane, 'legacy')
  const [[inRange], [ever], [recorded]] = await Promise.all([
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
    sessions: inRange?.sessions ?? 0,
    lastSeen: ever?.at ?? null,
    recordedSince: recorded?.since ?? null,
  }
}

/** A member of a team is at Stytch too, in the B2B project. */
function isAtStytch() {
  const isUser = eq(identities.issuer, stytchIssuerName())
  const prefix = memberIssuerPrefix()
  return prefix ? or(isUser, sql`starts_with(${identities.issuer}, ${prefix})`) : isUser
}

/** Counts the accounts that have an identity. Accounts without one belong to nobody. */
async function countAccounts(db: Database): Promise<SwitchOffFacts['accounts']> {
  const byAccount = db
    .select({
      atStytch: sql<boolean>`bool_or(${isAtStytch()})`.as('at_stytch'),
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

/** The cohort of a version as text: "nobody", "everybody" or the rules as JSON. */
const cohort = sql<string>`${policies.document} ->> 'cohort'`

async function readPolicyFacts(db: Database): Promise<SwitchOffFacts['policy']> {
  const [rollback, [lastOther]] = await Promise.all([
    // Versions have no gaps, so the previous version is `version - 1`. Version 1 is "nobody".
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
    .where(gt(policies.version, lastOther?.version ?? 0))
    .orderBy(asc(policies.version))
    .limit(1)
  return {
    lastRollback: last ? { ...last, at: new Date(last.at) } : null,
    everybodySince: everybody?.since ?? null,
  }
}
