import 'server-only'
import { requireManagement } from '../export/export-command'
import { readRun } from '../import/backfill-run'
import { callHelp, callOptions, countLines, rateOf, recordsOf } from '../import/import-command'
import { loadMapping } from '../source/mapping'
import { exitCodes, optionalText, requiredText, type Subcommand, UsageError } from '../subcommand'
import { differenceCodes, type FixableCode, fixableCodes, noteCodes } from './differences'
import { withFreshExport } from './fresh-export'
import { reconcile } from './reconcile'

export const reconcileCommand: Subcommand = {
  summary: 'compares the users of the file with those of Stytch, and names each difference',
  help: [
    '--run ID          the run',
    "--fresh           runs Auth0's export job first, and compares today's users",
    '--users FILE      a newer export of the users. Default: the file of the run',
    '--list            prints each difference: code, subject, id at Stytch',
    `--fix CODE        mends these: ${fixableCodes.join(', ')}`,
    '--map FILE        the module of the plan',
    '--skip-check      with --fix, does not look each user up at Auth0 first',
    ...callHelp,
  ],
  options: {
    run: { type: 'string' },
    users: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    'skip-check': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    fix: { type: 'string' },
    map: { type: 'string' },
    ...callOptions,
  },
  async run(values, { print, progress, folder, signal }) {
    const runId = requiredText(values.run, 'run')
    const fix = fixOf(optionalText(values.fix))
    const { rate } = await readRun(runId)
    const mapping = await loadMapping(optionalText(values.map))
    const isFresh = values.fresh === true
    if (isFresh && values.users !== undefined) throw new UsageError('--fresh takes no --users.')
    if (isFresh) requireManagement()
    const display = progress('Reading the users of Stytch')
    const compare = (usersFile: string | null) =>
      reconcile({
        runId,
        fix,
        usersFile,
        rate: rateOf(values.rate, rate),
        live: values.live === true,
        mapping,
        records: recordsOf(values['skip-check'], signal),
        onUsers: (count) => display.update(count, null),
        onDifference({ code, subject, stytchUserId }) {
          if (values.list === true) print(`${code} ${subject ?? '-'} ${stytchUserId ?? '-'}`)
        },
      })
    try {
      const result = isFresh
        ? await withFreshExport({ folder, signal }, compare)
        : await compare(optionalText(values.users))
      display.end()
      const { source, stytch, notCompared } = result.users
      print(`Compared ${source} users of the file with ${stytch} at Stytch.`)
      if (notCompared > 0) print(`Not compared: ${notCompared} lines of the file.`)
      for (const code of differenceCodes) print(`${code.padEnd(32)} ${result.counts[code] ?? 0}`)
      print('No difference, but worth knowing:')
      for (const code of noteCodes) print(`${code.padEnd(32)} ${result.notes[code] ?? 0}`)
      if (fix) print(`Mended ${result.mended} with the code ${fix}. Run it again to check.`)
      for (const line of countLines(result.imported ?? {})) print(line)
      const isClean = Object.keys(result.counts).length === 0
      return isClean ? exitCodes.clean : exitCodes.needsDecision
    } finally {
      display.end()
    }
  },
}

function fixOf(code: string | null): FixableCode | null {
  if (code === null) return null
  const fix = fixableCodes.find((each) => each === code)
  if (!fix) throw new UsageError(`--fix mends only ${fixableCodes.join(', ')}.`)
  return fix
}
