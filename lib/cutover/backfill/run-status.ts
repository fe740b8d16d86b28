import 'server-only'
import { and, desc, eq, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { importSeconds } from './plan/report'
import { lastReconciliation, type Reconciliation } from './reconcile/results'
import { type CodeCount, codesOf, type RowGroup, type Section } from './row-sections'
import { backfillRuns } from './schema'

/** `idle`: rows wait, no process holds one, and the last one was settled a while ago. */
export type RunState = 'planned' | 'running' | 'idle' | 'paused' | 'done' | 'undone'

export type Run = {
  id: string
  /** Never `idle`, which only {@link RunStatus} tells. */
  state: RunState
  /** Calls to Stytch a second. */
  rate: number
  plannedAt: Date
  startedAt: Date | null
  pausedAt: Date | null
  endedAt: Date | null
}

/** What the control room shows of a run. It names no user. */
export type RunStatus = Run & {
  /** The users that the plan gave to the import, and those that it has settled. */
  progress: { done: number; total: number }
  /** The users that a process works on. */
  inHand: number
  /** In the last ten seconds. */
  usersPerSecond: number
  /** Estimated from the users: one with a password takes two calls. */
  callsPerSecond: number
  /** The time for the users that wait, at the chosen rate. */
  secondsLeft: number
  codes: Record<Section, CodeCount[]>
  reconciliation: Reconciliation | null
}

/** Longer than the delay before any retry of a row, and than a lease by default. In seconds. */
const idleSeconds = 45
const listed = 20
const isOfUsers = eq(backfillRuns.kind, 'users')

/** The runs of users, newest first. The page has no texts for a run of organizations. */
export async function listRuns(): Promise<Run[]> {
  const db = await database()
  const runs = await db
    .select()
    .from(backfillRuns)
    .where(isOfUsers)
    .orderBy(desc(backfillRuns.createdAt))
    .limit(listed)
  return runs.map(runOf)
}

const runOf = ({
  id,
  state,
  rate,
  createdAt,
  startedAt,
  pausedAt,
  finishedAt,
}: typeof backfillRuns.$inferSelect): Run => ({
  id,
  state: state === 'running' && pausedAt ? 'paused' : state,
  rate,
  plannedAt: createdAt,
  startedAt,
  pausedAt,
  endedAt: finishedAt,
})

/** The run that an operator looks for: one that is under way, else the newest. */
export const currentRun = (runs: Run[]): Run | undefined =>
  runs.find(({ state }) => state === 'running' || state === 'paused') ?? runs[0]

/** Null if there is no such run. @throws {DatabaseUnavailable} and driver errors */
export async function readRunStatus(runId: string): Promise<RunStatus | null> {
  const db = await database()
  const [[found], groups, pace, reconciliation] = await Promise.all([
    db
      .select()
      .from(backfillRuns)
      .where(and(isOfUsers, eq(backfillRuns.id, runId))),
    readGroups(runId),
    readPace(runId),
    lastReconciliation(runId),
  ])
  if (!found) return null
  const run = runOf(found)
  const sum = (rows: RowGroup[]) => rows.reduce((total, { count }) => total + count, 0)
  const ofImport = groups.filter(({ state, isTried }) => isTried || state !== 'skipped')
  const waiting = ofImport.filter(({ state }) => state === 'planned' || state === 'claimed')
  const inHand = groups.reduce((total, { held }) => total + held, 0)
  const isIdle = run.state === 'running' && inHand === 0 && pace.idle > idleSeconds
  return {
    ...run,
    state: isIdle ? 'idle' : run.state,
    progress: { done: sum(ofImport) - sum(waiting), total: sum(ofImport) },
    inHand,
    usersPerSecond: pace.users / pace.seconds,
    callsPerSecond: pace.calls / pace.seconds,
    secondsLeft: importSeconds(
      {
        create_with_password: sum(
          waiting.filter(({ outcome }) => outcome === 'create_with_password'),
        ),
        create: sum(waiting.filter(({ outcome }) => outcome !== 'create_with_password')),
      },
      run.rate,
    ),
    codes: codesOf(groups),
    reconciliation,
  }
}

async function readGroups(runId: string): Promise<RowGroup[]> {
  const db = await database()
  const { rows } = await db.execute<RowGroup>(sql`
    select state, outcome, reason, attempts > 0 as "isTried", count(*)::int as count,
      (count(*) filter (where state = 'claimed' and lease_ends_at > now()))::int as held
    from backfill_rows where run_id = ${runId} group by 1, 2, 3, 4`)
  return rows
}

type Pace = {
  users: number
  calls: number
  /** The seconds that were measured. */
  seconds: number
  /** The seconds since the last row was claimed or settled. */
  idle: number
}

/** Both queries read few rows, by the index on `updated_at`. */
async function readPace(runId: string): Promise<Pace> {
  const db = await database()
  const { rows } = await db.execute<Pace>(sql`
    with settled as (
      select state, outcome from backfill_rows
      where run_id = ${runId} and updated_at > now() - interval '10 seconds'
        and state in ('done', 'skipped', 'failed') and attempts > 0
    )
    select (select count(*) from settled)::int as users,
      (select count(*) from settled)::int
        + (select count(*) from settled
            where state = 'done' and outcome = 'create_with_password')::int as calls,
      greatest(1, extract(epoch from least(now() - started_at, interval '10 seconds')))::float8
        as seconds,
      extract(epoch from now() - greatest(started_at, (
        select updated_at from backfill_rows where run_id = ${runId}
        order by updated_at desc limit 1)))::float8 as idle
    from backfill_runs where id = ${runId}`)
  return rows[0] ?? { users: 0, calls: 0, seconds: 1, idle: 0 }
}
