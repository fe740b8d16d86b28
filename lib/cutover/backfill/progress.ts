/** Shows how far a long task is. `total` is null while nobody knows it. */
export type Progress = {
  /** @param before what was done before this display began, which says nothing about the pace */
  update(done: number, total: number | null, before?: number): void
  end(): void
}

/** In whole percent, and never 100 before the end. Null while the total is unknown. */
export const percentOf = (done: number, total: number | null): number | null =>
  total ? Math.floor(Math.min(1, done / total) * 100) : null

type Output = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }

/** How often the display changes, in milliseconds: a bar on a terminal, and a line elsewhere. */
const intervals = { terminal: 100, lines: 5_000 }
const width = 30

/** A bar that is drawn again on a terminal. Elsewhere, such as in a log, a plain line every five seconds. */
export function createProgress(label: string, output: Output, now = Date.now): Progress {
  const started = now()
  const interval = output.isTTY ? intervals.terminal : intervals.lines
  let last = output.isTTY ? Number.NEGATIVE_INFINITY : started
  let shown = ''
  return {
    update(done, total, before = 0) {
      if (now() - last < interval) return
      last = now()
      const share = total ? Math.min(1, done / total) : null
      const percent = share === null ? '' : ` ${percentOf(done, total)} %`
      const seconds = Math.max(0.001, (now() - started) / 1_000)
      const perSecond = Math.round((done - before) / seconds)
      const text = `${label}:${percent} ${done}${total ? ` of ${total}` : ''}, ${perSecond} a second`
      if (!output.isTTY) return void output.write(`${text}\n`)
      const filled = Math.round((share ?? 0) * width)
      const bar = share === null ? '' : `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] `
      output.write(`\r${(bar + text).padEnd(shown.length)}`)
      shown = bar + text
    },
    end() {
      if (shown) output.write(`\r${' '.repeat(shown.length)}\r`)
      shown = ''
    },
  }
}
