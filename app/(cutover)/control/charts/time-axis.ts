import { scaleUtc } from 'd3-scale'
import type { Figures, Range } from '@/lib/cutover/observability/figures'

const formats: Record<Range, Intl.DateTimeFormatOptions> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { hour: '2-digit', minute: '2-digit' },
  week: { weekday: 'short', day: 'numeric' },
}
const tickCount: Record<Range, number> = { hour: 4, day: 4, week: 7 }

/** A change of policy on the axis. */
export type Marker = { at: Date; version: number }

/** The axis that all charts of a page share: percents from the left, since nobody knows how wide a screen is. */
export type TimeAxis = {
  /** Where a moment is. */
  x(at: Date): number
  /** How wide one step is. */
  step: number
  ticks: { at: Date; text: string }[]
  /** From left to right. Those that stand close together share the name at the last of them. */
  markers: { left: number; name: string | null; version: number }[]
}

/** So close that their names would lie one on the other. In percent. */
const close = 8

export function timeAxis(
  { range, from, to, stepSeconds }: Pick<Figures, 'range' | 'from' | 'to' | 'stepSeconds'>,
  markers: Marker[],
): TimeAxis {
  const scale = scaleUtc([from, to], [0, 100])
  const format = new Intl.DateTimeFormat('en-GB', { ...formats[range], timeZone: 'UTC' })
  const x = (at: Date) => Math.round(scale(at) * 100) / 100
  return {
    x,
    step: (stepSeconds * 100_000) / (to.getTime() - from.getTime()),
    ticks: scale.ticks(tickCount[range]).map((at) => ({ at, text: format.format(at) })),
    markers: named(
      markers
        .filter(({ at }) => at >= from && at < to)
        .sort((a, b) => a.version - b.version)
        .map(({ at, version }) => ({ left: x(at), version })),
    ),
  }
}

function named(markers: { left: number; version: number }[]): TimeAxis['markers'] {
  let first: number | null = null
  return markers.map(({ left, version }, index) => {
    first ??= version
    const next = markers[index + 1]
    if (next && next.left - left < close) return { left, version, name: null }
    const name = first === version ? `v${version}` : `v${first}–${version}`
    first = null
    return { left, version, name }
  })
}

const stepFormats: Record<Range, Intl.DateTimeFormatOptions> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  week: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
}

/** A step as its row in a table names it. */
export const stepName = (range: Range) => {
  const format = new Intl.DateTimeFormat('en-GB', { ...stepFormats[range], timeZone: 'UTC' })
  return (at: Date): string => format.format(at)
}
