import type { Figures } from '@/lib/cutover/observability/figures'
import { pluralize } from '@/lib/cutover/policy/describe'
import { BarChart } from './bar-chart'
import { BarTable } from './bar-table'
import { ChartCard } from './chart-card'
import { LineChart } from './line-chart'
import { patternOf } from './patterns'
import { type Marker, stepLabel, timeAxis } from './time-axis'

const formatNumber = (value: number): string => value.toLocaleString('en')
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
const maximum = (values: number[]): number => Math.max(0, ...values)

/** `85 ms`, `1.6 s`. */
const formatDuration = (milliseconds: number): string =>
  milliseconds < 1_000
    ? `${formatNumber(milliseconds)} ms`
    : `${formatNumber(Math.round(milliseconds / 100) / 10)} s`

const rangeNames = { hour: 'the last hour', day: 'the last 24 hours', week: 'the last 7 days' }

/** The seven charts of the overview. */
export function Charts({
  figures,
  markers,
  mirrorIsOn,
}: {
  figures: Figures
  markers: Marker[]
  mirrorIsOn: boolean
}) {
  const { range, stepSeconds, sessions, migrations, outcomes, timeToMigrate, mirror } = figures
  const { errors, errorReasons } = figures
  const axis = timeAxis(figures, markers)
  const label = stepLabel(range)
  const rangeName = rangeNames[range]
  const step = stepSeconds === 60 ? 'minute' : 'hour'
  const stepHeading = step === 'minute' ? 'Minute' : 'Hour'
  const latest = sessions.at(-1)
  const peak = {
    stytch: maximum(sessions.map(({ stytch }) => stytch)),
    legacy: maximum(sessions.map(({ legacy }) => legacy)),
  }
  const totals = {
    migrated: sum(migrations.map(({ migrated }) => migrated)),
    refused: sum(migrations.map(({ refused }) => refused)),
    failed: sum(migrations.map(({ failed }) => failed)),
  }
  const errorCount = sum(errors.map(({ count }) => count))
  const { count, medianMilliseconds: median, p95Milliseconds: p95 } = timeToMigrate
  const [topOutcome] = outcomes
  const [topError] = errorReasons
  const queue = mirror.at(-1)
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <ChartCard
        className="lg:col-span-2"
        title={`Sessions per ${step}, by lane`}
        summary={`This ${step} so far: ${formatNumber(latest?.legacy ?? 0)} on the legacy lane, ${formatNumber(latest?.stytch ?? 0)} on the Stytch lane. Maximum per ${step} in ${rangeName}: ${formatNumber(peak.legacy)} and ${formatNumber(peak.stytch)}.`}
        empty={
          peak.stytch + peak.legacy > 0
            ? undefined
            : `No session was active in ${rangeName}. Each session counts once per ${step}.`
        }
        table={{
          head: [stepHeading, 'Legacy', 'Stytch'],
          rows: sessions
            .filter(({ stytch, legacy }) => stytch + legacy > 0)
            .map(({ at, stytch, legacy }) => [label(at), legacy, stytch]),
        }}
      >
        <LineChart
          axis={axis}
          className="h-44"
          lines={[
            {
              name: 'Legacy lane',
              colour: {
                stroke: 'stroke-legacy-line',
                fill: 'bg-legacy-line',
                text: 'text-legacy',
              },
              dashed: true,
              shape: 'square',
              values: sessions.map(({ at, legacy }) => ({ at, value: legacy })),
            },
            {
              name: 'Stytch lane',
              colour: {
                stroke: 'stroke-stytch-line',
                fill: 'bg-stytch-line',
                text: 'text-stytch',
              },
              shape: 'round',
              values: sessions.map(({ at, stytch }) => ({ at, value: stytch })),
            },
          ]}
        />
      </ChartCard>

      <ChartCard
        title="Migrations, by outcome"
        summary={`In ${rangeName}: ${formatNumber(totals.migrated)} migrated, ${formatNumber(totals.refused)} refused, ${formatNumber(totals.failed)} failed.`}
        empty={
          totals.migrated + totals.refused + totals.failed > 0
            ? undefined
            : `No migration was attempted in ${rangeName}.`
        }
        table={{
          head: [stepHeading, 'Migrated', 'Refused', 'Failed'],
          rows: migrations
            .filter(({ migrated, refused, failed }) => migrated + refused + failed > 0)
            .map(({ at, migrated, refused, failed }) => [label(at), migrated, refused, failed]),
        }}
      >
        <BarChart
          axis={axis}
          steps={migrations}
          series={[
            { name: 'migrated', label: 'Migrated', pattern: 'success' },
            { name: 'refused', label: 'Refused', pattern: 'refused' },
            { name: 'failed', label: 'Failed', pattern: 'failed' },
          ]}
        />
      </ChartCard>

      <ChartCard
        title="Migrations, by reason"
        summary={
          topOutcome
            ? `Most frequent in ${rangeName}: ${topOutcome.result}, ${topOutcome.reason}, ${pluralize(topOutcome.count, 'time')}.`
            : ''
        }
        empty={topOutcome ? undefined : `No migration was attempted in ${rangeName}.`}
      >
        <BarTable
          caption="Migrations by result and reason"
          mono
          head={['Reason', 'Result']}
          bars={outcomes.map(({ result, reason, count: times }) => ({
            key: `${result} ${reason}`,
            cells: [reason, result],
            count: times,
            pattern: patternOf(result),
          }))}
        />
      </ChartCard>

      <ChartCard
        title="Migration time"
        summary={`${pluralize(count, 'migration')}. Median: ${formatDuration(median ?? 0)}. 95th percentile: ${formatDuration(p95 ?? 0)}.`}
        empty={count > 0 ? undefined : `No session was migrated in ${rangeName}.`}
      >
        <BarTable
          caption="Migrations by duration"
          head={['Duration', 'Percentile']}
          bars={timeToMigrate.buckets.map(({ upToMilliseconds, count: times }, index) => {
            const above = timeToMigrate.buckets[index - 1]?.upToMilliseconds ?? 0
            const contains = (value: number | null) =>
              value !== null &&
              (value > above || index === 0) &&
              (upToMilliseconds === null || value <= upToMilliseconds)
            return {
              key: String(upToMilliseconds),
              cells: [
                upToMilliseconds === null
                  ? `over ${formatDuration(above)}`
                  : `up to ${formatDuration(upToMilliseconds)}`,
                [contains(median) && 'median', contains(p95) && '95%'].filter(Boolean).join(', '),
              ],
              count: times,
              pattern: 'success' as const,
            }
          })}
        />
      </ChartCard>

      <ChartCard
        title="Mirror jobs"
        summary={`Latest sample: ${formatNumber(queue?.waiting ?? 0)} waiting, ${formatNumber(queue?.dead ?? 0)} dead. Maximum waiting in ${rangeName}: ${formatNumber(maximum(mirror.map(({ waiting }) => waiting)))}.`}
        empty={
          mirror.length > 0
            ? undefined
            : mirrorIsOn
              ? `No sample of the queue in ${rangeName}.`
              : 'The mirror is off.'
        }
        table={{
          head: [stepHeading, 'Waiting', 'Dead'],
          rows: mirror
            .filter(({ waiting, dead }) => waiting + dead > 0)
            .map(({ at, waiting, dead }) => [label(at), waiting, dead]),
        }}
      >
        <LineChart
          axis={axis}
          lines={[
            {
              name: 'Waiting',
              colour: { stroke: 'stroke-info', fill: 'bg-info', text: 'text-info' },
              shape: 'round',
              values: mirror.map(({ at, waiting }) => ({ at, value: waiting })),
            },
            {
              name: 'Dead',
              colour: { stroke: 'stroke-problem', fill: 'bg-problem', text: 'text-problem' },
              dashed: true,
              shape: 'square',
              values: mirror.map(({ at, dead }) => ({ at, value: dead })),
            },
          ]}
        />
      </ChartCard>

      <ChartCard
        title="Errors"
        summary={`${pluralize(errorCount, 'error')} in ${rangeName}.`}
        empty={errorCount > 0 ? undefined : `No errors in ${rangeName}.`}
        table={{
          head: [stepHeading, 'Errors'],
          rows: errors
            .filter(({ count: times }) => times > 0)
            .map(({ at, count: times }) => [label(at), times]),
        }}
      >
        <BarChart
          axis={axis}
          steps={errors}
          series={[{ name: 'count', label: 'Errors', pattern: 'failed' }]}
        />
      </ChartCard>

      <ChartCard
        title="Errors, by reason"
        summary={
          topError
            ? `Most frequent in ${rangeName}: ${topError.kind}, ${topError.reason}, ${pluralize(topError.count, 'time')}.`
            : ''
        }
        empty={topError ? undefined : `No errors in ${rangeName}.`}
      >
        <BarTable
          caption="Errors by kind and reason"
          mono
          head={['Reason', 'Kind']}
          bars={errorReasons.map(({ kind, reason, count: times }) => ({
            key: `${kind} ${reason}`,
            cells: [reason, kind],
            count: times,
            pattern: 'failed' as const,
          }))}
        />
      </ChartCard>
    </div>
  )
}
