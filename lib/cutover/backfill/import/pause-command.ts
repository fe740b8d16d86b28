import 'server-only'
import { exitCodes, requiredText, type Subcommand } from '../subcommand'
import { BackfillRefused } from './backfill-refused'
import { readRun } from './backfill-run'
import { pauseRun, resumeRun } from './pause'

export const pauseCommand = command({
  summary: 'makes every process of an import wait',
  change: pauseRun,
  done: 'Paused. Each process finishes the users that it has begun, and waits.',
})

export const resumeCommand = command({
  summary: 'lets a paused import go on',
  change: resumeRun,
  done: 'Resumed. Processes that wait go on. If none waits, run the import again.',
})

type Options = { summary: string; change: (runId: string) => Promise<boolean>; done: string }

function command({ summary, change, done }: Options): Subcommand {
  return {
    summary,
    help: ['--run ID          the run'],
    options: { run: { type: 'string' } },
    async run(values, { print }) {
      const { id } = await readRun(requiredText(values.run, 'run'))
      if (!(await change(id))) throw new BackfillRefused('run_not_running')
      print(done)
      return exitCodes.clean
    },
  }
}
