import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import type { Environment } from '../../environment'
import { diagnose, type TestPerson } from './doctor'
import type { Finding, Fix } from './finding'
import { describeCounts, describeFinding, exitCode } from './report'
import { signInTestPerson } from './sign-in'

const usage = `npm run doctor -- [--fix] [--yes] [--migrate EMAIL]

Checks the settings of .env-test or .env-live against Stytch, Auth0 and the database.
STYTCH_PROJECT_ENV selects the file.

  --fix            sets what Stytch's Management API can set, and asks before each change
  --yes            does not ask
  --migrate EMAIL  migrates one session of a test person, and revokes the new session

Exit codes: 0 clean, 1 problems, 2 no problem found, but some checks could not be made.`

export type CommandOptions = {
  env: Environment
  print: (line: string) => void
  /** Asks the operator. Null when nobody can answer. */
  confirm: ((question: string) => Promise<boolean>) | null
  now?: () => number
}

/** @returns the exit code */
export async function runDoctor(
  args: string[],
  { env, print, confirm, now }: CommandOptions,
): Promise<number> {
  const options = readArguments(args)
  if (!options || options.help) {
    print(usage)
    return options ? 0 : 2
  }
  const { fix, yes, migrate: email } = options
  const onFinding = (finding: Finding) => print(describeFinding(finding))
  const testPerson: TestPerson | null = email
    ? {
        email,
        signIn: (settings) => signInTestPerson(settings, email, print),
      }
    : null

  const check = async (person: TestPerson | null) => {
    const findings = await diagnose({ env, now, testPerson: person, onFinding })
    print(`\n${describeCounts(findings)}`)
    return findings
  }

  // With --fix, the test person signs in once, after the changes.
  const findings = await check(fix ? null : testPerson)
  const fixes = findings.flatMap((each) => (each.state === 'problem' && each.fix) || [])
  if (!fix) {
    if (fixes.length > 0) print(`\`npm run doctor -- --fix\` can correct ${fixes.length}.`)
    return exitCode(findings)
  }
  const doubtful = findings.find(({ code, state }) => identity.includes(code) && state !== 'ok')
  if (doubtful) {
    print(`--fix changes nothing before ${doubtful.code} is ok: the keys may be of two projects.`)
    return exitCode(findings)
  }
  print(`\nChanges at Stytch, for the project ${env.STYTCH_PROJECT_ID}:`)
  const ask = yes ? async () => true : confirm
  const hasWritten = await applyFixes(fixes, { print, confirm: ask })
  if (!hasWritten && !testPerson) return exitCode(findings)
  print('\nAfter the changes:')
  return exitCode(await check(testPerson))
}

/** The checks that the keys belong to one project. Otherwise a fix could change another project. */
const identity = ['stytch_credentials', 'stytch_public_token']

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        fix: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        migrate: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch {
    return null
  }
}

/** @returns whether something was written */
async function applyFixes(
  fixes: Fix[],
  { print, confirm }: Pick<CommandOptions, 'print' | 'confirm'>,
): Promise<boolean> {
  if (fixes.length === 0) print('none')
  let hasWritten = false
  for (const { text, apply } of fixes) {
    if (!(await confirm?.(`${text}?`))) {
      print(`not written: ${text}${confirm ? '' : ' (nobody can be asked: add --yes)'}`)
      continue
    }
    try {
      await apply()
      hasWritten = true
      print(`written: ${text}`)
    } catch (error) {
      const { name, code } = error as Error & { code?: string }
      print(`not written: ${text} (${code ?? name})`)
    }
  }
  return hasWritten
}

/** Runs `npm run doctor` in this process. */
export async function runDoctorHere(): Promise<void> {
  // Loads the same file as next.config.ts. A variable that is already set keeps its value.
  const file = `.env-${process.env.STYTCH_PROJECT_ENV ?? 'test'}`
  if (process.env.SANDBOX !== 'true' && existsSync(file)) process.loadEnvFile(file)
  const terminal = process.stdin.isTTY
    ? createInterface({ input: process.stdin, output: process.stdout })
    : null
  process.exitCode = await runDoctor(process.argv.slice(2), {
    env: process.env,
    print: console.log,
    confirm:
      terminal &&
      (async (question) =>
        /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())),
  })
  terminal?.close()
}
