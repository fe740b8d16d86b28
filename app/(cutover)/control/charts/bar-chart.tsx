import { type Pattern, patterns } from './patterns'
import { Plot } from './plot'
import type { TimeAxis } from './time-axis'

export type Series<Name extends string> = { name: Name; label: string; pattern: Pattern }

type Props<Name extends string> = {
  axis: TimeAxis
  series: Series<Name>[]
  steps: ({ at: Date } & Record<Name, number>)[]
}

/** Stacked bars over time. Patterns tell the series apart. The legend shows their totals. */
export function BarChart<Name extends string>({ axis, series, steps }: Props<Name>) {
  const total = (step: Record<Name, number>) =>
    series.reduce((sum, { name }) => sum + step[name], 0)
  return (
    <>
      {series.length > 1 && (
        <ul className="mb-4 flex flex-wrap gap-x-5 gap-y-1 text-sm">
          {series.map(({ name, label, pattern }) => (
            <li key={name} className="flex items-center gap-2">
              <span className={`size-3.5 rounded-[2px] border ${patterns[pattern]}`} />
              <span className="font-medium">{label}</span>
              <span>{steps.reduce((sum, step) => sum + step[name], 0).toLocaleString('en')}</span>
            </li>
          ))}
        </ul>
      )}
      <Plot axis={axis} max={Math.max(0, ...steps.map(total))}>
        {(y) =>
          steps
            .filter((step) => total(step) > 0)
            .map((step) => (
              <span
                key={step.at.getTime()}
                className="absolute bottom-0 flex flex-col-reverse"
                style={{
                  left: `${axis.x(step.at) + axis.step * 0.1}%`,
                  width: `${axis.step * 0.8}%`,
                  height: `${100 - y(total(step))}%`,
                }}
              >
                {series
                  .filter(({ name }) => step[name] > 0)
                  .map(({ name, pattern }) => (
                    <span
                      key={name}
                      // A thin bar would consist of its side borders only.
                      className={`min-h-0.5 border ${axis.step < 1 ? 'border-x-0' : ''} ${patterns[pattern]}`}
                      style={{ flex: step[name] }}
                    />
                  ))}
              </span>
            ))
        }
      </Plot>
    </>
  )
}
