import 'server-only'
import { readRun } from '../import/backfill-run'
import { callHelp, callOptions, countLines, rateOf } from '../import/import-command'
import { exitCodes, requiredText, type Subcommand } from '../subcommand'
import { undoRun } from './undo'

export const undoCommand: Subcommand = {
  summary: 'deletes the users that a run made and nobody has used, and lists the others',
  help: ['--run ID          the run', ...callHelp],
  options: { run: { type: 'string' }, ...callOptions },
  async run(values, { print, progress, signal }) {
    const runId = requiredText(values.run, 'run')
    const { rate } = await readRun(runId)
    const display = progress('Deleting users')
    let done = 0
    try {
      const result = await undoRun({
        runId,
        signal,
        rate: rateOf(values.rate, rate),
        live: values.live === true,
        onRow() {
          done += 1
          display.update(done, null)
        },
      })
      display.end()
      for (const line of countLines(result.counts)) print(line)
      const isKept = Object.values(result.counts)
        .flatMap((codes) => Object.keys(codes))
        .some((code) => code.startsWith('kept_'))
      return result.isDone && !isKept ? exitCodes.clean : exitCodes.needsDecision
    } finally {
      display.end()
    }
  },
}
