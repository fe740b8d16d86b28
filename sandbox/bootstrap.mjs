/**
 * Runs one of the project's scripts on Node 24, on a machine that may carry only Node 20 and
 * nothing else: `node sandbox/bootstrap.mjs <script.ts> [arguments]`.
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed.
 */

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

// `import.meta.dirname` would be shorter, but Node 20.9 does not have it.
const root = fileURLToPath(new URL('..', import.meta.url))
const node24 = join(
  root,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/** The process that runs right now, and the signal that stopped us, if any. */
let child
let stoppedBy

const stop = (signal) => {
  stoppedBy ??= signal
  // Ctrl-C reaches the child through the terminal as well; the scripts count the first one only.
  child?.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))

// A signal to npm ends only the shell that stands between npm and us, which tells us nothing.
if (process.env.npm_lifecycle_event) {
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    stop('SIGTERM')
  }, 250)
  watch.unref()
}

const give = (line) => {
  console.error(line)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 9)) {
    give(
      `Cutover needs Node 20.9 or newer; this is ${process.versions.node} (${process.execPath}).`,
    )
  }
}

/** True when node_modules holds exactly the versions that package-lock.json names. */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  let installed
  try {
    // npm writes this file last, so that an interrupted install does not have it.
    installed = packages('node_modules/.package-lock.json')
  } catch {
    return false
  }
  return Object.entries(packages('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed[path]
    // Packages for other platforms are optional and stay out.
    if (!found) return wanted.optional === true
    const sameContent =
      !wanted.integrity || !found.integrity || wanted.integrity === found.integrity
    return found.version === wanted.version && sameContent
  })
}

/** Runs a command to its end; resolves with its exit code and, unless inherited, its output. */
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
  console.log('Installing what is missing (npm ci, about a minute)…')
  // npm must not run on the Node inside node_modules, which `npm ci` deletes.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).startsWith(join(root, 'node_modules')))
    .join(delimiter)
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const [command, first] =
    node && npm && basename(npm) === 'npm-cli.js' ? [node, [npm]] : ['npm', []]
  const { code, output, error } = await run(
    command,
    // A shell with NODE_ENV=production would leave out what the scripts run on.
    [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    },
  )
  if (stoppedBy) process.exit(130)
  if (code !== 0) {
    // npm gives the reason first, and ends with its manual.
    const lines = (error?.message ?? output).trim().split('\n').slice(0, 12)
    console.error(lines.map((line) => `  ${line}`).join('\n'))
    give('npm ci failed: check that the npm registry is reachable, then run `npm ci` to see more.')
  }
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

const brokenNode =
  'run `npm rebuild node --ignore-scripts=false`, or delete node_modules and start again.'

checkNode()
if (!process.argv[2]) give('Usage: node sandbox/bootstrap.mjs <script.ts> [arguments]')
if (!isInstalled()) await install()
if (!existsSync(node24)) give(`Node 24 is missing from node_modules: ${brokenNode}`)

const { code, signal, error } = await run(node24, process.argv.slice(2), { stdio: 'inherit' })
if (error) give(`Node 24 in node_modules does not run here (${error.code}): ${brokenNode}`)
// 9 is what Node answers to options that it does not know.
if (code === 9 && process.env.NODE_OPTIONS) {
  console.error(`Node 24 may not know NODE_OPTIONS="${process.env.NODE_OPTIONS}"; try without it.`)
}
process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : code)
