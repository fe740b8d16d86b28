import 'server-only'
import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { database } from '../../db/database'
import { timeToMigrateBuckets } from '../events/metrics'
import { events, laneCounts, mirrorSamples } from '../schema'

export type Range = 'hour' | 'day' | 'week'

/** What the control room draws. Every list with an `at` is in the order of time. */
export type Figures = {
  range: Range
  /** The beginning of the first step. */
  from: Date
  /** The end of the last step, which is the running one. */
  to: Date
  stepSeconds: number
  /** Distinct sessions seen in each step. */
  sessions: { at: Date; stytch: number; legacy: number }[]
  migrations: { at: Date; migrated: number; refused: number; failed: number }[]
  /** How the migrations of the range ended, the most frequent first. */
  outcomes: { result: string; reason: string; count: number }[]
  /** Of sessions that were carried over. `upToMilliseconds` is null for those above the last. */
  timeToMigrate: {
    count: number
    medianMilliseconds: number | null
    p95Milliseconds: number | null
    buckets: { upToMilliseconds: number | null; count: number }[]
  }
  /** The most jobs that waited, and that were given up, in each step that has a sample. Empty when it is off. */
  mirror: { at: Date; waiting: number; dead: number }[]
  errors: { at: Date; count: number }[]
  /** The most frequent first. */
  errorReasons: { kind: string; reason: string; count: number }[]
}

const minute = 60
const hour = 60 * minute

/** How many steps a range has, and how long each is. In seconds. */
const scales: Record<Range, { steps: number; stepSeconds: number }> = {
  hour: { steps: 60, stepSeconds: minute },
  day: { steps: 24, stepSeconds: hour },
  week: { steps: 7 * 24, stepSeconds: hour },
}

/** The steps of a range; the last is the one that `now` is in. */
export function stepsOf(range: Range, now: Date): { from: Date; to: Date; stepSeconds: number } {
  const { steps, stepSeconds } = scales[range]
  const length = stepSeconds * 1_000
  const to = (Math.floor(now.getTime() / length) + 1) * length
  return { from: new Date(to - steps * length), to: new Date(to), stepSeconds }
}

/**
 * The figures of a range. Reads what lies in the range only, each by an index.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function figures(range: Range, now: Date): Promise<Figures> {
  const span = { range, ...stepsOf(range, now) }
  const [sessions, happened, timeToMigrate, mirror] = await Promise.all([
    sessionsOf(span),
    eventsOf(span),
    timeToMigrateOf(span),
    mirrorOf(span),
  ])
  return { ...span, sessions, ...happened, timeToMigrate, mirror }
}

type Span = Pick<Figures, 'range' | 'from' | 'to' | 'stepSeconds'>

/** One entry for every step, also where nothing happened. */
function everyStep<T extends object>({ from, to, stepSeconds }: Span, empty: T) {
  const steps = new Map<number, T & { at: Date }>()
  for (let at = from.getTime(); at < to.getTime(); at += stepSeconds * 1_000) {
    steps.set(at, { at: new Date(at), ...empty })
  }
  return steps
}

async function sessionsOf(span: Span): Promise<Figures['sessions']> {
  const db = await database()
  const resolution = span.stepSeconds === minute ? 'minute' : 'hour'
  const rows = await db
    .select()
    .from(laneCounts)
    .where(
      and(
        eq(laneCounts.resolution, resolution),
        gte(laneCounts.at, span.from),
        lt(laneCounts.at, span.to),
      ),
    )
  const steps = everyStep(span, { stytch: 0, legacy: 0 })
  for (const { at, lane, sessions } of rows) {
    const step = steps.get(at.getTime())
    if (step) step[lane] = sessions
  }
  return [...steps.values()]
}

type Counted = { at: Date; kind: string; result: string; reason: string; count: number }

async function eventsOf(
  span: Span,
): Promise<Pick<Figures, 'migrations' | 'outcomes' | 'errors' | 'errorReasons'>> {
  const counted = await countEvents(span)
  const migrations = everyStep(span, { migrated: 0, refused: 0, failed: 0 })
  const errors = everyStep(span, { count: 0 })
  for (const { at, kind, result, count } of counted) {
    const step = migrations.get(at.getTime())
    if (kind === 'migration' && step && isOutcome(result)) step[result] += count
    const errorStep = errors.get(at.getTime())
    if (errorStep && isError({ kind, result })) errorStep.count += count
  }
  return {
    migrations: [...migrations.values()],
    outcomes: byFrequency(
      counted.filter(({ kind }) => kind === 'migration'),
      ({ result, reason }) => ({ result, reason }),
    ),
    errors: [...errors.values()],
    errorReasons: byFrequency(counted.filter(isError), ({ kind, reason }) => ({ kind, reason })),
  }
}

const isOutcome = (result: string): result is 'migrated' | 'refused' | 'failed' =>
  result === 'migrated' || result === 'refused' || result === 'failed'

/** What an operator must see as an error. Whom we decided not to carry over is none: that is a decision. */
export const isError = ({ kind, result }: { kind: string; result: string }): boolean =>
  result === 'failed' || (kind === 'mirror' && (result === 'dead' || result === 'refused'))

function byFrequency<T extends Record<string, string>>(
  counted: Counted[],
  group: (counted: Counted) => T,
): (T & { count: number })[] {
  const groups = new Map<string, T & { count: number }>()
  for (const each of counted) {
    const names = group(each)
    const key = Object.values(names).join('\n')
    const known = groups.get(key)
    groups.set(key, { ...names, count: (known?.count ?? 0) + each.count })
  }
  // By name where they are as frequent, or the list would jump about between two looks.
  return [...groups]
    .sort(([a, { count: ofA }], [b, { count: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
    .map(([, entry]) => entry)
}

/** The beginning of the step that a time is in, in seconds. The same text each time, so that one can group by it. */
function stepOf(at: PgColumn, stepSeconds: number) {
  const length = sql.raw(String(stepSeconds))
  return sql<number>`(floor(extract(epoch from ${at}) / ${length}) * ${length})::float8`
}

async function countEvents({ from, to, stepSeconds }: Span): Promise<Counted[]> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    select
      ${stepOf(events.at, stepSeconds)} as step,
      kind, result, reason, count(*)::int as count
    from events
    where at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz
    group by step, kind, result, reason
  `)) as unknown as { rows: (Omit<Counted, 'at'> & { step: number })[] }
  return rows.map(({ step, ...row }) => ({ ...row, at: new Date(step * 1_000) }))
}

async function timeToMigrateOf({ from, to }: Span): Promise<Figures['timeToMigrate']> {
  const db = await database()
  const limits = sql.raw(`array[${timeToMigrateBuckets.join(',')}]`)
  // `width_bucket` puts what equals a limit above it; here it counts below.
  const { rows } = (await db.execute(sql`
    with times as (
      select milliseconds, width_bucket(milliseconds - 1, ${limits}) as bucket from events
      where kind = 'migration' and result = 'migrated'
        and at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz
    )
    select bucket, count(*)::int as count,
      (select percentile_cont(0.5) within group (order by milliseconds) from times) as median,
      (select percentile_cont(0.95) within group (order by milliseconds) from times) as p95
    from times group by bucket
  `)) as unknown as {
    rows: { bucket: number; count: number; median: number; p95: number }[]
  }
  const counts = new Map(rows.map(({ bucket, count }) => [bucket, count]))
  return {
    count: rows.reduce((sum, { count }) => sum + count, 0),
    medianMilliseconds: rows[0] ? Math.round(rows[0].median) : null,
    p95Milliseconds: rows[0] ? Math.round(rows[0].p95) : null,
    buckets: [...timeToMigrateBuckets, null].map((upToMilliseconds, bucket) => ({
      upToMilliseconds,
      count: counts.get(bucket) ?? 0,
    })),
  }
}

async function mirrorOf({ from, to, stepSeconds }: Span): Promise<Figures['mirror']> {
  const db = await database()
  const step = stepOf(mirrorSamples.at, stepSeconds)
  const rows = await db
    .select({
      step,
      waiting: sql<number>`max(${mirrorSamples.waiting})::int`,
      dead: sql<number>`max(${mirrorSamples.dead})::int`,
    })
    .from(mirrorSamples)
    .where(and(gte(mirrorSamples.at, from), lt(mirrorSamples.at, to)))
    .groupBy(step)
    .orderBy(asc(step))
  return rows.map(({ step: at, waiting, dead }) => ({ at: new Date(at * 1_000), waiting, dead }))
}
