import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChildOptions, root, startChild } from '../sandbox/processes.ts'

/** Runs the tools of `npm test`, and counts their tests. */

/** `output` has the reason of a failure, if the tool has not printed it. */
export type Result = { passed: number; failed: number; output?: string }

export const ok: Result = { passed: 0, failed: 0 }
export const failure = (output: string): Result => ({ passed: 0, failed: 1, output })

export const reports = join(root, 'test-results')
export const bin = (name: string) => join(root, 'node_modules/.bin', name)

export const env: NodeJS.ProcessEnv = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
// Each tool sets its own NODE_ENV. No test may connect to the DATABASE_URL of the shell.
Reflect.deleteProperty(env, 'NODE_ENV')
delete env.DATABASE_URL

/** Runs a tool without tests, such as a linter. Prints its output only if it fails. */
export async function check(command: string, args: string[]): Promise<Result> {
  const child = startChild(command, command, args, { env })
  return (await child.ended) === 0 ? ok : failure(child.output().trimEnd())
}

/** Runs a tool that counts its tests in a report. A run without tests is a failure. */
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
    return failure('  The tool ended without a report.')
  }
  if (result.failed > 0) return result
  if (code !== 0) return { ...result, failed: 1 }
  return result.passed > 0 ? result : failure('  The tool ran no test.')
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

/** @param name of the report */
export function vitest(name: string, args: string[]): Promise<Result> {
  const report = join(reports, `vitest-${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return test(bin('vitest'), ['run', ...reporters, ...args], { env }, () => {
    const { numPassedTests, numFailedTests } = read(report)
    return { passed: numPassedTests, failed: numFailedTests }
  })
}

export function playwright(more: Record<string, string>): Promise<Result> {
  // Playwright stops its workers on SIGINT only.
  const options = { env: { ...env, ...more }, stopSignal: 'SIGINT', graceMs: 30_000 } as const
  return test(bin('playwright'), ['test'], options, () => {
    const { stats } = read(join(reports, 'playwright.json'))
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
  })
}
