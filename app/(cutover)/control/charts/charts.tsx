import type { Figures } from '@/lib/cutover/observability/figures'
import { counted } from '@/lib/cutover/policy/describe'
import { BarChart } from './bar-chart'
import { BarTable } from './bar-table'
import { ChartCard } from './chart-card'
import { LineChart } from './line-chart'
import { patternOf } from './patterns'
import { type Marker, stepName, timeAxis } from './time-axis'

const number = (value: number): string => value.toLocaleString('en')
const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0)
const top = (values: number[]): number => Math.max(0, ...values)

/** As short as it stays true: 85 ms, 1.6 s. */
const duration = (milliseconds: number): string =>
  milliseconds < 1_000
    ? `${number(milliseconds)} ms`
    : `${number(Math.round(milliseconds / 100) / 10)} s`

const spans = { hour: 'the last hour', day: 'the last 24 hours', week: 'the last seven days' }

/** What happened in a time, in seven pictures. */
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
  const name = stepName(range)
  const span = spans[range]
  const step = stepSeconds === 60 ? 'minute' : 'hour'
  const from = step === 'minute' ? 'Minute from' : 'Hour from'
  const now = sessions.at(-1)
  const most = {
    stytch: top(sessions.map(({ stytch }) => stytch)),
    legacy: top(sessions.map(({ legacy }) => legacy)),
  }
  const done = {
    migrated: sum(migrations.map(({ migrated }) => migrated)),
    refused: sum(migrations.map(({ refused }) => refused)),
    failed: sum(migrations.map(({ failed }) => failed)),
  }
  const errorCount = sum(errors.map(({ count }) => count))
  const { count, medianMilliseconds: median, p95Milliseconds: p95 } = timeToMigrate
  const [common] = outcomes
  const [commonError] = errorReasons
  const lately = mirror.at(-1)
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <ChartCard
        className="lg:col-span-2"
        title={`Sessions seen in each ${step}, by lane`}
        summary={`In this ${step} so far ${number(now?.legacy ?? 0)} on legacy and ${number(now?.stytch ?? 0)} on Stytch; at most ${number(most.legacy)} and ${number(most.stytch)} in one ${step} of ${span}.`}
        empty={
          most.stytch + most.legacy > 0
            ? undefined
            : `Nobody with a session was here in ${span}. Each session counts once a ${step}.`
        }
        table={{
          head: [from, 'Legacy', 'Stytch'],
          rows: sessions
            .filter(({ stytch, legacy }) => stytch + legacy > 0)
            .map(({ at, stytch, legacy }) => [name(at), legacy, stytch]),
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
        summary={`In ${span} ${counted(done.migrated, 'session was', 'sessions were')} carried over, ${number(done.refused)} refused and ${number(done.failed)} failed.`}
        empty={
          done.migrated + done.refused + done.failed > 0
            ? undefined
            : `No session was to be carried over in ${span}.`
        }
        table={{
          head: [from, 'Carried over', 'Refused', 'Failed'],
          rows: migrations
            .filter(({ migrated, refused, failed }) => migrated + refused + failed > 0)
            .map(({ at, migrated, refused, failed }) => [name(at), migrated, refused, failed]),
        }}
      >
        <BarChart
          axis={axis}
          steps={migrations}
          series={[
            { name: 'migrated', label: 'Carried over', pattern: 'full' },
            { name: 'refused', label: 'Refused', pattern: 'striped' },
            { name: 'failed', label: 'Failed', pattern: 'crossed' },
          ]}
        />
      </ChartCard>

      <ChartCard
        title="Migrations, by reason"
        summary={
          common
            ? `The most frequent in ${span}: ${common.result}, ${common.reason}, ${counted(common.count, 'time')}.`
            : ''
        }
        empty={common ? undefined : `No session was to be carried over in ${span}.`}
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
        title="Time to carry a session over"
        summary={`Of ${counted(count, 'migration')} half took at most ${duration(median ?? 0)}, and 95% at most ${duration(p95 ?? 0)}.`}
        empty={count > 0 ? undefined : `No session was carried over in ${span}.`}
      >
        <BarTable
          caption="Sessions carried over, by the time it took"
          head={['Time', 'Mark']}
          bars={timeToMigrate.buckets.map(({ upToMilliseconds, count: times }, index) => {
            const above = timeToMigrate.buckets[index - 1]?.upToMilliseconds ?? 0
            const isIn = (value: number | null) =>
              value !== null &&
              (value > above || index === 0) &&
              (upToMilliseconds === null || value <= upToMilliseconds)
            return {
              key: String(upToMilliseconds),
              cells: [
                upToMilliseconds === null
                  ? `over ${duration(above)}`
                  : `up to ${duration(upToMilliseconds)}`,
                [isIn(median) && 'median', isIn(p95) && '95%'].filter(Boolean).join(', '),
              ],
              count: times,
              pattern: 'full' as const,
            }
          })}
        />
      </ChartCard>

      <ChartCard
        title="Jobs of the mirror"
        summary={`${number(lately?.waiting ?? 0)} waiting and ${number(lately?.dead ?? 0)} given up when last counted; at most ${number(top(mirror.map(({ waiting }) => waiting)))} waiting in ${span}.`}
        empty={
          mirror.length > 0
            ? undefined
            : mirrorIsOn
              ? `The queue was not counted in ${span}.`
              : 'The mirror is off.'
        }
        table={{
          head: [from, 'Waiting', 'Given up'],
          rows: mirror
            .filter(({ waiting, dead }) => waiting + dead > 0)
            .map(({ at, waiting, dead }) => [name(at), waiting, dead]),
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
              name: 'Given up',
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
        summary={`${counted(errorCount, 'error')} in ${span}.`}
        empty={errorCount > 0 ? undefined : `No errors in ${span}.`}
        table={{
          head: [from, 'Errors'],
          rows: errors
            .filter(({ count: times }) => times > 0)
            .map(({ at, count: times }) => [name(at), times]),
        }}
      >
        <BarChart
          axis={axis}
          steps={errors}
          series={[{ name: 'count', label: 'Errors', pattern: 'crossed' }]}
        />
      </ChartCard>

      <ChartCard
        title="Errors, by reason"
        summary={
          commonError
            ? `The most frequent in ${span}: ${commonError.kind}, ${commonError.reason}, ${counted(commonError.count, 'time')}.`
            : ''
        }
        empty={commonError ? undefined : `No errors in ${span}.`}
      >
        <BarTable
          caption="Errors by kind and reason"
          mono
          head={['Reason', 'Kind']}
          bars={errorReasons.map(({ kind, reason, count: times }) => ({
            key: `${kind} ${reason}`,
            cells: [reason, kind],
            count: times,
            pattern: 'crossed' as const,
          }))}
        />
      </ChartCard>
    </div>
  )
}
