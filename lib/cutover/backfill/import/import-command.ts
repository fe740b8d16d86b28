import 'server-only'
import { config } from '../../../config'
import { isLocalhost } from '../../../environment'
import { legacyConfig } from '../../../legacy/config'
import { loadMapping } from '../source/mapping'
import { exitCodes, optionalText, requiredText, type Subcommand, wholeNumber } from '../subcommand'
import { readRun } from './backfill-run'
import { type CurrentRecords, createRecordReader } from './current-records'
import { importRun } from './import'
import type { RowCounts } from './rows'
import { watchRunProgress } from './run-progress'

/** Stytch allows 65 calls a second for an import. */
const fastest = 65

/** The options that every command with calls to Stytch has. */
export const callOptions = {
  rate: { type: 'string' },
  live: { type: 'boolean', default: false },
} as const

export const callHelp = [
  '--rate N          calls to Stytch a second, 1 to 65, by all processes together',
  '--live            is needed with live keys',
]

/**
 * The check of each user at the legacy provider. Null if the operator does not want it, or without Auth0's Management
 * API. An in-house login is a table of this app.
 */
export function recordsOf(skipCheck: unknown, signal: AbortSignal): CurrentRecords | null {
  const { provider, management } = legacyConfig()
  const canRead = provider === 'in-house' || management !== null
  return canRead && skipCheck !== true ? createRecordReader({ signal }) : null
}

/** A stand-in has no limit, so that the benchmark ends soon. */
export const rateOf = (value: unknown, otherwise: number): number =>
  value === undefined
    ? otherwise
    : wholeNumber(value, 'rate', [1, isLocalhost(config().stytch.apiUrl) ? 10_000 : fastest])

export const importCommand: Subcommand = {
  summary: 'creates the planned users at Stytch. Run it again to resume, or in several processes',
  help: [
    '--run ID          the run that the plan printed',
    '--map FILE        the module of the plan',
    '--limit N         imports at most N users',
    '--only SUBJECT    imports this user alone',
    '--skip-check      does not look each user up at the legacy provider, such as users of another one',
    '--lease N         seconds after which another process takes the rows of a dead one. Default: 30',
    ...callHelp,
  ],
  options: {
    run: { type: 'string' },
    map: { type: 'string' },
    limit: { type: 'string' },
    only: { type: 'string' },
    'skip-check': { type: 'boolean', default: false },
    lease: { type: 'string', default: '30' },
    ...callOptions,
  },
  async run(values, { print, progress, signal }) {
    const runId = requiredText(values.run, 'run')
    const { rate } = await readRun(runId)
    const display = progress('Importing users')
    const watch = await watchRunProgress(runId, ({ done, total, before }) =>
      display.update(done, total, before),
    )
    try {
      const result = await importRun({
        runId,
        signal,
        rate: rateOf(values.rate, rate),
        live: values.live === true,
        only: optionalText(values.only),
        records: recordsOf(values['skip-check'], signal),
        mapping: await loadMapping(optionalText(values.map)),
        leaseMilliseconds: wholeNumber(values.lease, 'lease', [1, 600]) * 1_000,
        ...(values.limit !== undefined && {
          limit: wholeNumber(values.limit, 'limit', [1, 1_000_000_000]),
        }),
        onPause(isPaused) {
          display.end()
          print(isPaused ? pausedText : 'Resumed.')
        },
        onRow({ state }) {
          if (state !== 'planned') watch.addSettled()
        },
      })
      watch.stop()
      display.end()
      for (const line of countLines(result.counts)) print(line)
      print(result.isDone ? 'Every planned user is settled.' : 'Run the command again to resume.')
      const isClean = result.isDone && totalOf(result.counts, 'failed') === 0
      return isClean ? exitCodes.clean : exitCodes.needsDecision
    } finally {
      watch.stop()
      display.end()
    }
  },
}

const pausedText =
  'Paused in the control room, or with `npm run backfill -- pause`. Waiting until it is resumed.'

const totalOf = (counts: RowCounts, ...states: string[]): number =>
  states
    .flatMap((state) => Object.values(counts[state] ?? {}))
    .reduce((sum, count) => sum + count, 0)

/** One line for each state and code. */
export const countLines = (counts: RowCounts): string[] =>
  Object.entries(counts).flatMap(([state, codes]) =>
    Object.entries(codes).map(
      ([code, count]) => `${state.padEnd(9)} ${code.padEnd(34)} ${String(count).padStart(9)}`,
    ),
  )
