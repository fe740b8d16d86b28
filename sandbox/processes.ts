import { spawn } from 'node:child_process'
import { join } from 'node:path'

/**
 * The child processes of the demo and of the test run.
 *
 * Each one leads a process group of its own. Otherwise Ctrl-C would reach it through the
 * terminal at the same moment as us, and its end would look like a crash; and a process
 * that it had started itself would outlive it.
 */

export const root = join(import.meta.dirname, '..')

export const next = join(root, 'node_modules/next/dist/bin/next')

export type Child = {
  name: string
  /** The exit code, 1 when a signal ended it. */
  ended: Promise<number>
  output(): string
  stop(): Promise<void>
}

export type ChildOptions = {
  env?: NodeJS.ProcessEnv
  /** What goes to our own terminal; the rest is kept for `output()`. */
  show?: 'all' | 'errors' | 'nothing'
  /** The user that it runs as, where we are root and it refuses to be. */
  uid?: number
  gid?: number
  /** How to ask it to stop, and how long it may take. */
  stopSignal?: NodeJS.Signals
  graceMs?: number
}

const keptCharacters = 20_000
const running = new Map<Child, () => void>()

/** Starts Node 24, the one that runs this file, with a script and its arguments. */
export function startNode(name: string, args: string[], options: ChildOptions = {}): Child {
  return startChild(name, process.execPath, args, options)
}

export function startChild(
  name: string,
  command: string,
  args: string[],
  {
    env = process.env,
    show = 'nothing',
    uid,
    gid,
    stopSignal = 'SIGTERM',
    graceMs = 5_000,
  }: ChildOptions = {},
): Child {
  const stdout = show === 'all' ? 'inherit' : 'pipe'
  const stderr = show === 'nothing' ? 'pipe' : 'inherit'
  const child = spawn(command, args, {
    cwd: root,
    env,
    uid,
    gid,
    stdio: ['ignore', stdout, stderr],
    detached: process.platform !== 'win32',
  })

  let kept = ''
  const keep = (data: Buffer) => {
    kept = (kept + data).slice(-keptCharacters)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)

  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return
    try {
      if (process.platform === 'win32') child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch {
      // Nobody of the group is left.
    }
  }
  const kill = () => signalGroup('SIGKILL')

  const ended = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      keep(Buffer.from(`${error.message}\n`))
      resolve(1)
    })
    // 'close', not 'exit': only then has all output arrived.
    child.on('close', (code) => resolve(code ?? 1))
    // What it had started would otherwise keep the output open, and live on.
    child.on('exit', kill)
  })

  const self: Child = {
    name,
    ended,
    output: () => kept,
    async stop() {
      if (!running.has(self)) return
      // To the leader alone, which ends its own children in the order that it likes.
      child.kill(stopSignal)
      const impatience = setTimeout(kill, graceMs)
      await ended
      clearTimeout(impatience)
    },
  }
  running.set(self, kill)
  ended.then(() => running.delete(self))
  return self
}

/** In the reverse order of their start, so that the database is there until the app has ended. */
export async function stopAll(): Promise<void> {
  for (const child of [...running.keys()].toReversed()) await child.stop()
}

/** Calls back on the first request to stop; the ones after it change nothing. */
export function onStopRequest(callback: (signal: NodeJS.Signals) => void): void {
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) return
      asked = true
      callback(signal)
    })
  }
}

// However this process ends, an error that nobody caught included, nothing stays behind.
process.on('exit', () => {
  for (const kill of running.values()) kill()
})
