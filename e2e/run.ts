import { rmSync } from 'node:fs'
import { onStopRequest, stopAll } from '../sandbox/processes.ts'
import { browserTests, build, copies, lint, type Stage, types, unitTests } from './stages.ts'
import { reports } from './tools.ts'

/**
 * `npm test` runs every check that a change must pass before it is merged. `npm run test:quick` (`--quick`)
 * leaves out the production builds and the tests that need one.
 *
 * The run stops after the first group with a failure. Its last line is the sum, such as `120 passed, 0 failed`.
 */

/**
 * Groups run one after the other. The stages of a group run at once. The build deletes the types that Next derives from
 * the folders, so it must not run beside the check of the types. The copies are built while the browser tests wait.
 */
const groups: Stage[][] = process.argv.includes('--quick')
  ? [[types, lint], [unitTests]]
  : [[types, lint], [build], [unitTests], [browserTests, copies]]

let isStopping = false
onStopRequest(async (signal) => {
  isStopping = true
  await stopAll()
  process.exit(signal === 'SIGINT' ? 130 : 143)
})

rmSync(reports, { recursive: true, force: true })
const total = { passed: 0, failed: 0 }
for (const group of groups) {
  await Promise.all(group.map(runStage))
  if (total.failed > 0) break
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

async function runStage({ name, run }: Stage): Promise<void> {
  console.log(`— ${name}`)
  const started = performance.now()
  const result = await run().catch((error: Error) => ({
    passed: 0,
    failed: 1,
    output: error.message,
  }))
  // The stop signal ends the tools too, so this stage reports no result.
  if (isStopping) await new Promise<never>(() => {})
  if (result.failed > 0 && result.output) console.error(result.output)
  total.passed += result.passed
  total.failed += result.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`— ${name}: ${result.failed === 0 ? 'ok' : 'failed'}, ${seconds} s\n`)
}
