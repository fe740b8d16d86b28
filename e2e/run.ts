import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { portProblem } from '../sandbox/ports.ts'
import {
  type ChildOptions,
  next,
  onStopRequest,
  root,
  startChild,
  stopAll,
} from '../sandbox/processes.ts'
import { portsOf, workers } from './world/environment.ts'

/**
 * `npm test`: everything that must hold before a change is merged. Stops at the first stage
 * that fails, and always ends with a line of its own, as in `120 passed, 0 failed`.
 */

type Result = { passed: number; failed: number }
type Stage = { name: string; run: () => Promise<Result> }

const bin = (name: string) => join(root, 'node_modules/.bin', name)
const reports = join(root, 'test-results')
const vitestReport = join(reports, 'vitest.json')
const playwrightReport = join(reports, 'playwright.json')
const mirrorReport = join(reports, 'mirror.json')

const env: NodeJS.ProcessEnv = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
// Each tool sets its own, and no test may reach a database that the shell happens to name.
Reflect.deleteProperty(env, 'NODE_ENV')
delete env.DATABASE_URL

let stopping = false
onStopRequest(async (signal) => {
  stopping = true
  await stopAll()
  process.exit(signal === 'SIGINT' ? 130 : 143)
})

/** Runs a tool that either is content or not; its output matters only if not. */
async function check(command: string, args: string[]): Promise<Result> {
  const child = startChild(command, command, args, { env })
  if ((await child.ended) === 0) return { passed: 0, failed: 0 }
  return broken(child.output().trimEnd())
}

function broken(...lines: string[]): Result {
  if (!stopping) for (const line of lines) console.error(line)
  return { passed: 0, failed: 1 }
}

/** Runs a tool that counts its tests in a report. A run that tested nothing is a failure. */
async function test(
  command: string,
  args: string[],
  options: ChildOptions,
  count: () => Result,
): Promise<Result> {
  const code = await startChild(command, command, args, { ...options, show: 'all' }).ended
  let result: Result
  try {
    result = count()
  } catch {
    return broken('  It ended without a report.')
  }
  if (result.failed > 0) return result
  if (code !== 0) return { ...result, failed: 1 }
  if (result.passed === 0) return broken('  It tested nothing.')
  return result
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

function countVitest(): Result {
  const { numPassedTests, numFailedTests } = read(vitestReport)
  return { passed: numPassedTests, failed: numFailedTests }
}

function countPlaywright(report: string): Result {
  const { stats } = read(report)
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}

async function playwright(more: Record<string, string>, report: string): Promise<Result> {
  const { obtainChromium } = await import('./chromium.ts')
  const CHROMIUM_PATH = await obtainChromium()
  return test(
    bin('playwright'),
    ['test'],
    // It takes its servers down on SIGINT only, and one by one.
    { env: { ...env, ...more, CHROMIUM_PATH }, stopSignal: 'SIGINT', graceMs: 30_000 },
    () => countPlaywright(report),
  )
}

const stages: Stage[] = [
  {
    name: 'types',
    async run() {
      // Pages use types that Next derives from the folders, which a fresh clone does not have.
      const derived = await check(process.execPath, [next, 'typegen'])
      return derived.failed > 0 ? derived : check(bin('tsc'), ['--noEmit'])
    },
  },
  // Its output is printed by us, so it cannot see where it goes.
  {
    name: 'lint',
    run: () =>
      check(bin('biome'), ['ci', '.', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`]),
  },
  {
    name: 'unit and contract tests',
    run: () =>
      test(
        bin('vitest'),
        ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
        { env },
        countVitest,
      ),
  },
  {
    name: 'production build',
    async run() {
      const { build } = await import('../sandbox/build.ts')
      const failure = await build()
      return failure === null ? { passed: 0, failed: 0 } : broken(failure.trimEnd())
    },
  },
  {
    name: 'browser tests',
    async run() {
      const wanted = Array.from({ length: workers }, (_, world) => Object.entries(portsOf(world)))
      const problem = await portProblem(
        wanted.flat().map(([variable, port]) => ({ port, user: 'tests', variable })),
      )
      if (problem) return broken(problem)
      return playwright({}, playwrightReport)
    },
  },
]

rmSync(reports, { recursive: true, force: true })
const total: Result = { passed: 0, failed: 0 }
for (const { name, run } of stages) {
  console.log(`— ${name}`)
  const started = performance.now()
  const result = await run().catch((error: Error) => broken(error.message))
  if (stopping) await new Promise<never>(() => {})
  total.passed += result.passed
  total.failed += result.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`— ${name}: ${result.failed === 0 ? 'ok' : 'failed'}, ${seconds} s\n`)
  if (result.failed > 0) break
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
