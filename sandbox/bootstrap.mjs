/**
 * Runs a script of the project on Node 24: `node sandbox/bootstrap.mjs <script.ts> [arguments]`.
 *
 * This file itself runs on the Node of the machine, which may be Node 20, before anything is installed.
 * So it is plain JavaScript without dependencies.
 */

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// Node 20.9 has no `import.meta.dirname`.
const root = fileURLToPath(new URL('..', import.meta.url))
const node24 = join(
  root,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/** The running child process, and the signal that has stopped this process. */
let child
let stoppedBy

const stop = (signal) => {
  stoppedBy ??= signal
  // The terminal sends Ctrl-C to the child too. The scripts ignore the second signal.
  child?.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))

// npm starts this process through a shell. A signal to npm ends only the shell, so watch for its end.
if (process.env.npm_lifecycle_event) {
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    stop('SIGTERM')
  }, 250)
  watch.unref()
}

const fail = (line) => {
  console.error(line)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 9)) {
    fail(
      `Cutover needs Node 20.9 or newer; this is ${process.versions.node} (${process.execPath}).`,
    )
  }
}

/** True when node_modules has exactly the versions of package-lock.json. */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  let installed
  try {
    // npm writes this file last, so it is missing after an interrupted install.
    installed = packages('node_modules/.package-lock.json')
  } catch {
    return false
  }
  return Object.entries(packages('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed[path]
    // npm does not install the optional packages of other platforms.
    if (!found) return wanted.optional === true
    const sameContent =
      !wanted.integrity || !found.integrity || wanted.integrity === found.integrity
    return found.version === wanted.version && sameContent
  })
}

/** Runs a command. The output is empty when `options` send it to the terminal. */
function run(command, args, options) {
  return new Promise((done) => {
    let output = ''
    child = spawn(command, args, { cwd: root, ...options })
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('error', (error) => done({ code: 1, output, error }))
    child.on('close', (code, signal) => done({ code, signal, output }))
  })
}

async function install() {
  const started = Date.now()
  console.log('Installing the packages (npm ci, about a minute)…')
  // `npm ci` deletes node_modules, so npm must not run on the Node inside it.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).startsWith(join(root, 'node_modules')))
    .join(delimiter)
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const [command, first] =
    node && npm && basename(npm) === 'npm-cli.js' ? [node, [npm]] : ['npm', []]
  const { code, output, error } = await run(
    command,
    // With NODE_ENV=production, npm would leave out the dev dependencies, which the scripts need.
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    },
  )
  if (stoppedBy) process.exit(130)
  if (code !== 0) {
    // npm prints the reason first, and its usage at the end.
    const lines = (error?.message ?? output).trim().split('\n').slice(0, 12)
    console.error(lines.map((line) => `  ${line}`).join('\n'))
    fail('npm ci failed: check that the npm registry is reachable, then run `npm ci` to see more.')
  }
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

const brokenNode =
  'run `npm rebuild node --ignore-scripts=false`, or delete node_modules and start again.'

checkNode()
if (!process.argv[2]) fail('Usage: node sandbox/bootstrap.mjs <script.ts> [arguments]')
if (!isInstalled()) await install()
if (!existsSync(node24)) fail(`Node 24 is missing from node_modules: ${brokenNode}`)

const { code, signal, error } = await run(node24, process.argv.slice(2), { stdio: 'inherit' })
if (error) fail(`Node 24 in node_modules does not run here (${error.code}): ${brokenNode}`)
// Node ends with code 9 when it does not know an option.
if (code === 9 && process.env.NODE_OPTIONS) {
  console.error(
    `Node 24 may not know NODE_OPTIONS="${process.env.NODE_OPTIONS}". Unset it and try again.`,
  )
}
process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : code)
