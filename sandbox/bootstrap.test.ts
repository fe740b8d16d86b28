import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** A project with one dependency, without Node 24. Its npm only logs its calls. */
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-'))
  cpSync(join(import.meta.dirname, 'bootstrap.mjs'), join(folder, 'sandbox/bootstrap.mjs'))
  write('package-lock.json', lock('1.2.3'))
  npm('echo installed')
})

afterEach(() => rmSync(folder, { recursive: true }))

const lock = (version: string, dependency = 'node_modules/dependency') =>
  JSON.stringify({ packages: { '': {}, [dependency]: { version } } })

function write(file: string, text: string) {
  mkdirSync(join(folder, file, '..'), { recursive: true })
  writeFileSync(join(folder, file), text)
}

function executable(file: string, script: string) {
  write(file, `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, file), 0o755)
}

const npm = (script: string) => executable('bin/npm', `echo "npm $*" >> calls\n${script}`)
const node24 = (script: string) => executable('node_modules/node/bin/node', script)
const installed = () => write('node_modules/.package-lock.json', lock('1.2.3'))

function bootstrap({
  nodeArguments = [] as string[],
  signal = null as NodeJS.Signals | null,
} = {}) {
  const { npm_execpath: _, npm_lifecycle_event: __, ...env } = process.env
  const child = spawn(
    process.execPath,
    [...nodeArguments, 'sandbox/bootstrap.mjs', 'script.ts', 'argument'],
    { cwd: folder, env: { ...env, PATH: `${join(folder, 'bin')}:${env.PATH}` } },
  )
  let output = ''
  const listen = (data: Buffer) => {
    output += data
    if (output === 'ready\n' && signal) child.kill(signal)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
}

test('runs the script, installs nothing when everything is installed, and returns the exit code', async () => {
  installed()
  node24('echo "$@"; exit 7')
  expect(await bootstrap()).toEqual({ code: 7, output: 'script.ts argument\n' })
})

test.each([
  ['nothing is installed', () => {}],
  ['another version is installed', () => write('node_modules/.package-lock.json', lock('1.0.0'))],
  [
    'a dependency is new',
    () => write('node_modules/.package-lock.json', lock('1.2.3', 'node_modules/other')),
  ],
])('installs when %s', async (_name, prepare) => {
  node24('cat calls')
  prepare()
  const { code, output } = await bootstrap()
  expect(code).toBe(0)
  expect(output).toContain('npm ci --include=dev')
})

test('ignores an optional dependency of another platform', async () => {
  write(
    'package-lock.json',
    JSON.stringify({
      packages: {
        'node_modules/dependency': { version: '1.2.3' },
        'node_modules/for-another-platform': { version: '1.0.0', optional: true },
      },
    }),
  )
  installed()
  node24('echo ran')
  expect(await bootstrap()).toEqual({ code: 0, output: 'ran\n' })
})

test('says what to do when the installation fails', async () => {
  npm('echo "npm error code ECONNREFUSED"; exit 1')
  const { code, output } = await bootstrap()
  expect(code).toBe(1)
  expect(output).toContain('npm error code ECONNREFUSED')
  expect(output).toMatch(/npm ci failed: check that the npm registry is reachable.*\n$/)
})

test('says what to do when Node 24 is missing', async () => {
  installed()
  const { code, output } = await bootstrap()
  expect(code).toBe(1)
  expect(output).toMatch(/^Node 24 is missing from node_modules: run `npm rebuild node.*\n$/)
})

test('says what to do when Node 24 does not run here', async () => {
  installed()
  node24('')
  chmodSync(join(folder, 'node_modules/node/bin/node'), 0o644)
  const { code, output } = await bootstrap()
  expect(code).toBe(1)
  expect(output).toMatch(/^Node 24 in node_modules does not run here \(EACCES\): run .*\n$/)
})

test('refuses a Node that is too old', async () => {
  const pretend =
    'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.8.1" })'
  const { code, output } = await bootstrap({ nodeArguments: ['--import', pretend] })
  expect(code).toBe(1)
  expect(output).toMatch(/^Cutover needs Node 20\.9 or newer; this is 20\.8\.1 .*\n$/)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  'forwards %s and waits for the script to end',
  async (signal) => {
    installed()
    node24('trap "echo stopped; exit 0" INT TERM\necho ready\nwhile :; do sleep 0.05; done')
    expect(await bootstrap({ signal })).toEqual({ code: 0, output: 'ready\nstopped\n' })
  },
)
