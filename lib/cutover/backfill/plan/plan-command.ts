import 'server-only'
import { loadMapping } from '../source/mapping'
import {
  exitCodes,
  optionalText,
  requiredText,
  type Subcommand,
  UsageError,
  wholeNumber,
} from '../subcommand'
import { leftOut, type Outcome } from './outcome'
import { planRun } from './plan'
import { planReport, undecidedOutcomes } from './report'

/** Stytch allows 65 calls a second for an import. */
const fastest = 65

export const planCommand: Subcommand = {
  summary: 'decides what happens to each user, and writes nothing at Stytch (default)',
  help: [
    "--users FILE      users: Auth0's export (NDJSON) or CSV, packed by gzip or not",
    "--hashes FILE     password hashes: Auth0's file (NDJSON) or CSV. Without it, nobody gets a password",
    '--map FILE        your module with names, phone, metadata and roles (.ts or .mjs)',
    '--rate N          calls to Stytch a second, 1 to 65. Default: 60',
    '--again           plans the same files anew, while their import has not begun',
    '--accept CODES    leave out users with these codes, such as blocked,social_only',
  ],
  options: {
    users: { type: 'string' },
    hashes: { type: 'string' },
    map: { type: 'string' },
    rate: { type: 'string', default: '60' },
    again: { type: 'boolean', default: false },
    accept: { type: 'string', default: '' },
  },
  async run(values, { print, progress, folder, signal }) {
    const usersFile = requiredText(values.users, 'users')
    const rate = wholeNumber(values.rate, 'rate', [1, fastest])
    const accepted = acceptedOutcomes(String(values.accept))
    const map = await loadMapping(optionalText(values.map))
    const display = progress('Reading lines')
    try {
      const result = await planRun({
        usersFile,
        hashesFile: optionalText(values.hashes),
        map,
        rate,
        again: values.again === true,
        folder,
        signal,
        onLines: (lines) => display.update(lines, null),
      })
      display.end()
      for (const line of planReport(result, accepted)) print(line)
      const isClean = undecidedOutcomes(result, accepted).length === 0
      return isClean ? exitCodes.clean : exitCodes.needsDecision
    } finally {
      display.end()
    }
  },
}

function acceptedOutcomes(list: string): Outcome[] {
  const codes = list.split(',').filter(Boolean)
  return codes.map((code) => {
    const outcome = leftOut.find((each) => each === code.trim())
    if (!outcome) throw new UsageError(`--accept does not know "${code}".`)
    return outcome
  })
}
