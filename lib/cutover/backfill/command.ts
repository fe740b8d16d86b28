import 'server-only'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { databasePool } from '../../db/database'
import { exportCommand } from './export/export-command'
import { importCommand } from './import/import-command'
import { pauseCommand, resumeCommand } from './import/pause-command'
import { planCommand } from './plan/plan-command'
import { createProgress } from './progress'
import { reconcileCommand } from './reconcile/reconcile-command'
import { exitCodes, type Subcommand, type Surroundings, UsageError } from './subcommand'
import { teamCommands } from './team-commands'
import { undoCommand } from './undo/undo-command'

const subcommands: Record<string, Subcommand> = {
  export: exportCommand,
  plan: planCommand,
  import: importCommand,
  pause: pauseCommand,
  resume: resumeCommand,
  reconcile: reconcileCommand,
  undo: undoCommand,
  ...teamCommands,
}

const usage = (): string =>
  [
    `npm run backfill -- [${Object.keys(subcommands).join(' | ')}] [options]`,
    '',
    'Imports the users of the legacy provider into Stytch: docs/backfill.md.',
    ...Object.entries(subcommands).flatMap(([name, { summary, help }]) => [
      '',
      `${name}: ${summary}`,
      ...help.map((line) => `  ${line}`),
    ]),
    '',
    'Exit codes: 0 clean, 1 broken, 2 needs a decision.',
  ].join('\n')

const whereSettingsAre =
  'They are read from .env-test, or from .env-live with STYTCH_PROJECT_ENV=live: docs/own-keys.md. On the demo, run `npm run demo:backfill` instead.'

/** @returns the exit code */
export async function runBackfill(args: string[], surroundings: Surroundings): Promise<number> {
  const { print } = surroundings
  const isNamed = args[0] !== undefined && !args[0].startsWith('-')
  const name = isNamed ? String(args[0]) : 'plan'
  const rest = isNamed ? args.slice(1) : args
  if (rest.includes('--help') || args.length === 0) {
    print(usage())
    return exitCodes.clean
  }
  try {
    const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined
    if (!subcommand) throw new UsageError(`"${name}" is no subcommand.`)
    return await subcommand.run(readOptions(rest, subcommand), surroundings)
  } catch (error) {
    print(describeError(error))
    return exitCodes.broken
  }
}

function readOptions(args: string[], { options }: Subcommand): Record<string, unknown> {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values
  } catch (error) {
    // The first sentence names the option. The second one repeats its value.
    throw new UsageError(String((error as Error).message).split('. ')[0] ?? '')
  }
}

/**
 * Our own errors have a code in lower case, and a message without personal data. The message of any other error may
 * repeat a value of a file.
 */
function describeError(error: unknown): string {
  const { code, name, message, cause } = error as Error & { code?: unknown }
  if (code === 'config_invalid') return `${code}: ${message}\n${whereSettingsAre}`
  if (error instanceof UsageError) return `${message} See \`npm run backfill -- --help\`.`
  if (name === 'AbortError') return 'Stopped.'
  if (typeof code === 'string' && /^[a-z][a-z_]+$/.test(code)) return `${code}: ${message}`
  // The driver of the database and Node have codes in digits and capital letters.
  const foreign = [code, (cause as { code?: unknown } | undefined)?.code].find(
    (each) => typeof each === 'string' && /^[A-Z0-9_]+$/.test(each),
  )
  return `broken: ${name}${foreign ? ` (${foreign})` : ''}`
}

/** Runs `npm run backfill` in this process. */
export async function runBackfillHere(): Promise<void> {
  // Loads the same file as next.config.ts. A variable that is already set keeps its value.
  const file = `.env-${process.env.STYTCH_PROJECT_ENV ?? 'test'}`
  if (process.env.SANDBOX !== 'true' && existsSync(file)) process.loadEnvFile(file)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  process.exitCode = await runBackfill(process.argv.slice(2), {
    print: console.log,
    progress: (label) => createProgress(label, process.stdout),
    folder: join(process.cwd(), '.data/backfill'),
    signal: stop.signal,
  })
  // An open connection would keep the process alive.
  await databasePool().then(
    (pool) => pool.end(),
    () => undefined,
  )
}
