import { portProblem } from '../sandbox/ports.ts'
import { next } from '../sandbox/processes.ts'
import { bin, check, failure, ok, playwright, type Result, vitest } from './tools.ts'
import { portsOf, workers } from './world/environment.ts'

/** The stages of `npm test`. */

export type Stage = { name: string; run: () => Promise<Result> }

export const types: Stage = {
  name: 'types',
  async run() {
    // Pages use types that Next derives from the folders. A fresh clone does not have them.
    const derived = await check(process.execPath, [next, 'typegen'])
    return derived.failed > 0 ? derived : check(bin('tsc'), ['--noEmit'])
  },
}

export const lint: Stage = {
  name: 'lint',
  // Biome writes to this process and cannot see whether that is a terminal.
  run: () => check(bin('biome'), ['ci', '.', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`]),
}

export const build: Stage = {
  name: 'production build',
  async run() {
    const { build } = await import('../sandbox/build.ts')
    const output = await build()
    return output === null ? ok : failure(output.trimEnd())
  },
}

export const unitTests: Stage = {
  name: 'unit and contract tests',
  run: () => vitest('unit', ['--project', '!copies']),
}

export const copies: Stage = {
  name: 'copies of the app',
  run: () => vitest('copies', ['--project', 'copies', '--maxWorkers', '1']),
}

export const browserTests: Stage = {
  name: 'browser and HTTP tests',
  async run() {
    const wanted = Array.from({ length: workers }, (_, world) => Object.entries(portsOf(world)))
    const problem = await portProblem(
      wanted.flat().map(([variable, port]) => ({ port, user: 'tests', variable })),
    )
    if (problem) return failure(problem)
    const { obtainChromium } = await import('./chromium.ts')
    return playwright({ CHROMIUM_PATH: await obtainChromium() })
  },
}
