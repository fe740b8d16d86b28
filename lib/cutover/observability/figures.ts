import 'server-only'
import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { database } from '../../db/database'
import { timeToMigrateBuckets } from '../events/metrics'
import { events, laneCounts, mirrorSamples } from '../schema'

export type Range = 'hour' | 'day' | 'week'

/** The figures of the control room. Every list with an `at` is in chronological order. */
export type Figures = {
  range: Range
  /** The start of the first step. */
  from: Date
  /** The end of the last step, which is the current one. */
  to: Date
  stepSeconds: number
  /** The number of distinct sessions in each step. */
  sessions: { at: Date; stytch: number; legacy: number }[]
  migrations: { at: Date; migrated: number; refused: number; failed: number }[]
  /** The outcomes of migrations, the most frequent first. */
  outcomes: { result: string; reason: string; count: number }[]
  /** The durations of successful migrations. `upToMilliseconds` is null for the bucket above the last limit. */
  timeToMigrate: {
    count: number
    medianMilliseconds: number | null
    p95Milliseconds: number | null
    buckets: { upToMilliseconds: number | null; count: number }[]
  }
  /** The maximum of waiting and of dead jobs in each step with a sample. Empty while the mirror is off. */
  mirror: { at: Date; waiting: number; dead: number }[]
  errors: { at: Date; count: number }[]
  /** The reasons of errors, the most frequent first. */
  errorReasons: { kind: string; reason: string; count: number }[]
}

const minute = 60
const hour = 60 * minute

const scales: Record<Range, { steps: number; stepSeconds: number }> = {
  hour: { steps: 60, stepSeconds: minute },
  day: { steps: 24, stepSeconds: hour },
  week: { steps: 7 * 24, stepSeconds: hour },
}

/** The steps of a range. The last step contains `now`. */
export function stepsOf(range: Range, now: Date): { from: Date; to: Date; stepSeconds: number } {
  const { steps, stepSeconds } = scales[range]
  const length = stepSeconds * 1_000
  const to = (Math.floor(now.getTime() / length) + 1) * length
  return { from: new Date(to - steps * length), to: new Date(to), stepSeconds }
}

/**
 * Reads the figures of a range. Every query uses an index, and reads no row outside the range.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function figures(range: Range, now: Date): Promise<Figures> {
  const span = { range, ...stepsOf(range, now) }
  const [sessions, eventFigures, timeToMigrate, mirror] = await Promise.all([
    sessionsOf(span),
    eventsOf(span),
    timeToMigrateOf(span),
    mirrorOf(span),
  ])
  return { ...span, sessions, ...eventFigures, timeToMigrate, mirror }
}

type Span = Pick<Figures, 'range' | 'from' | 'to' | 'stepSeconds'>

/** An entry for every step, so that a chart shows the empty ones too. */
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

/** True for an event that operators must see as an error. A refused migration is a decision and no error. */
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
  // Entries with the same count are sorted by name, so that their order is stable.
  return [...groups]
    .sort(([a, { count: ofA }], [b, { count: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
    .map(([, entry]) => entry)
}

/** SQL for the start of the step that contains a time, in seconds. `raw` keeps the text equal for `group by`. */
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
  // `width_bucket` counts a value that equals a limit above the limit. A Prometheus bucket counts it below.
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
