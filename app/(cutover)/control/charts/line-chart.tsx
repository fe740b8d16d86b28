import { curveMonotoneX, line } from 'd3-shape'
import { Plot } from './plot'
import type { TimeAxis } from './time-axis'

export type Line = {
  name: string
  colour: { stroke: string; fill: string; text: string }
  dashed?: boolean
  shape: 'round' | 'square'
  values: { at: Date; value: number }[]
}

const dashes = '6 4'

type Props = { axis: TimeAxis; lines: Line[]; className?: string }

/** Lines over time. Dashes and the shape of the last point tell them apart. The legend shows the latest values. */
export function LineChart({ axis, lines, className }: Props) {
  // Draws dashed lines last, so that a solid line below shows through the gaps.
  const drawn = lines.toSorted((a, b) => Number(a.dashed ?? false) - Number(b.dashed ?? false))
  const max = Math.max(0, ...lines.flatMap(({ values }) => values.map(({ value }) => value)))
  return (
    <>
      <ul className="mb-4 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {lines.map(({ name, colour, dashed, shape, values }) => (
          <li key={name} className="flex items-center gap-2">
            <span className="flex items-center">
              <svg viewBox="0 0 20 2" aria-hidden="true" className="h-0.5 w-5">
                <path
                  d="M0 1H20"
                  strokeWidth="2"
                  strokeDasharray={dashed ? dashes : undefined}
                  className={colour.stroke}
                />
              </svg>
              <Dot shape={shape} className={colour.fill} />
            </span>
            <span className={`font-medium ${colour.text}`}>{name}</span>
            <span>{(values.at(-1)?.value ?? 0).toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
      <Plot axis={axis} max={max} className={className}>
        {(y) => {
          const middle = (at: Date) => axis.x(at) + axis.step / 2
          const path = line<Line['values'][number]>(
            ({ at }) => middle(at),
            ({ value }) => y(value),
          )
            .curve(curveMonotoneX)
            .digits(2)
          return (
            <>
              <svg
                viewBox="0 0 100 100"
                preserveAspectRatio="none"
                fill="none"
                aria-hidden="true"
                className="absolute inset-0 size-full overflow-visible"
              >
                {drawn.map(({ name, colour, dashed, values }) => (
                  <path
                    key={name}
                    d={path(values) ?? ''}
                    vectorEffect="non-scaling-stroke"
                    strokeWidth="2"
                    strokeLinejoin="round"
                    strokeDasharray={dashed ? dashes : undefined}
                    className={colour.stroke}
                  />
                ))}
              </svg>
              {drawn.map(({ name, colour, shape, values }) => {
                const last = values.at(-1)
                return (
                  last && (
                    <span
                      key={name}
                      className="absolute"
                      style={{ left: `${middle(last.at)}%`, top: `${y(last.value)}%` }}
                    >
                      <Dot
                        shape={shape}
                        className={`-translate-x-1/2 -translate-y-1/2 ${colour.fill}`}
                      />
                    </span>
                  )
                )
              })}
            </>
          )
        }}
      </Plot>
    </>
  )
}

const Dot = ({ shape, className }: { shape: Line['shape']; className: string }) => (
  <span
    className={`block shrink-0 ${shape === 'round' ? 'size-3 rounded-full' : 'size-2 rounded-[1.5px]'} ${className}`}
  />
)
