import { scaleLinear } from 'd3-scale'
import type { ReactNode } from 'react'
import type { TimeAxis } from './time-axis'

type Props = {
  axis: TimeAxis
  max: number
  /** Draws the data. `y` maps a value to its position, in percent from the top. */
  children: (y: (value: number) => number) => ReactNode
  className?: string
}

/**
 * Frame of a chart over time: grid, axes, and a dotted line at each policy change. Labels are HTML and not SVG,
 * so they keep their size on a phone.
 */
export function Plot({ axis, max, children, className = 'h-36' }: Props) {
  const scale = scaleLinear([0, Math.max(max, 1)], [100, 0]).nice(3)
  const ticks = scale.ticks(3).filter(Number.isInteger)
  const y = (value: number) => Math.round(scale(value) * 100) / 100
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2 text-[0.6875rem] text-quiet leading-4">
      <div className="relative min-w-4">
        {/* Reserves the width of the widest label. The labels themselves are positioned absolutely. */}
        <span className="invisible">{ticks.at(-1)?.toLocaleString('en')}</span>
        {ticks.map((value) => (
          <span
            key={value}
            className="absolute right-0 -translate-y-1/2"
            style={{ top: `${y(value)}%` }}
          >
            {value.toLocaleString('en')}
          </span>
        ))}
      </div>
      <div className={`relative ${className}`}>
        {ticks.map((value) => (
          <span
            key={value}
            className={`absolute inset-x-0 border-t ${value === 0 ? 'border-line-strong' : 'border-line'}`}
            style={{ top: `${y(value)}%` }}
          />
        ))}
        {axis.markers.map(({ left, label, version }) => (
          <span
            key={version}
            className="absolute inset-y-0 -top-2 border-ink/55 border-l border-dotted"
            style={{ left: `${left}%` }}
          >
            {label && (
              <span
                className={`absolute -top-2 whitespace-nowrap bg-surface px-0.5 ${left > 80 ? 'right-0.5' : 'left-0.5'}`}
              >
                {label}
              </span>
            )}
          </span>
        ))}
        {children(y)}
      </div>
      <div className="relative col-start-2 mt-1.5 h-4">
        {axis.ticks.map(({ at, text }, index) => {
          const left = axis.x(at)
          // A centred label would overflow at the ends of the axis.
          const shift = left < 6 ? '' : left > 94 ? '-translate-x-full' : '-translate-x-1/2'
          // Hides every second label on a phone, where seven do not fit.
          const isHiddenOnPhone = axis.ticks.length > 5 && index % 2 === 1
          return (
            <span
              key={at.getTime()}
              className={`absolute whitespace-nowrap ${shift} ${isHiddenOnPhone ? 'max-sm:hidden' : ''}`}
              style={{ left: `${left}%` }}
            >
              {text}
            </span>
          )
        })}
      </div>
    </div>
  )
}
