import { scaleUtc } from 'd3-scale'
import type { Figures, Range } from '@/lib/cutover/observability/figures'

const formats: Record<Range, Intl.DateTimeFormatOptions> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { hour: '2-digit', minute: '2-digit' },
  week: { weekday: 'short', day: 'numeric' },
}
const tickCount: Record<Range, number> = { hour: 4, day: 4, week: 7 }

export type Marker = { at: Date; version: number }

/** The time axis that all charts of a page share. Positions are in percent from the left. */
export type TimeAxis = {
  /** Converts a time to its position. */
  x(at: Date): number
  /** Width of one step in percent. */
  step: number
  ticks: { at: Date; text: string }[]
  /** From left to right. Markers that are close together share one label, at the last of them. */
  markers: { left: number; label: string | null; version: number }[]
}

/** Labels closer than this would overlap. In percent. */
const minimumLabelDistance = 8

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
    markers: withLabels(
      markers
        .filter(({ at }) => at >= from && at < to)
        .sort((a, b) => a.version - b.version)
        .map(({ at, version }) => ({ left: x(at), version })),
    ),
  }
}

function withLabels(markers: { left: number; version: number }[]): TimeAxis['markers'] {
  let first: number | null = null
  return markers.map(({ left, version }, index) => {
    first ??= version
    const next = markers[index + 1]
    if (next && next.left - left < minimumLabelDistance) return { left, version, label: null }
    const label = first === version ? `v${version}` : `v${first}–${version}`
    first = null
    return { left, version, label }
  })
}

const stepFormats: Record<Range, Intl.DateTimeFormatOptions> = {
  hour: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  week: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
}

/** Formats a step as the first cell of its table row. */
export const stepLabel = (range: Range) => {
  const format = new Intl.DateTimeFormat('en-GB', { ...stepFormats[range], timeZone: 'UTC' })
  return (at: Date): string => format.format(at)
}
