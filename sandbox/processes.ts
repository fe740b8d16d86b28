import { spawn } from 'node:child_process'
import { join } from 'node:path'

/**
 * The child processes of the demo and of the test run.
 *
 * Each child leads its own process group. Otherwise Ctrl-C in the terminal would stop it directly, and
 * its end would look like a crash. The group also lets us kill the processes that the child has started.
 */

export const root = join(import.meta.dirname, '..')

export const next = join(root, 'node_modules/next/dist/bin/next')

export type Child = {
  name: string
  /** Undefined if the child did not start. */
  pid: number | undefined
  /** The exit code. 1 when a signal has ended the child. */
  ended: Promise<number>
  output(): string
  stop(): Promise<void>
}

export type ChildOptions = {
  env?: NodeJS.ProcessEnv
  /** The default is the folder of the project. */
  cwd?: string
  /** The output that goes to our own terminal. The rest is kept for `output()`. */
  show?: 'all' | 'errors' | 'nothing'
  /** The user that the child runs as. Postgres refuses to run as root. */
  uid?: number
  gid?: number
  stopSignal?: NodeJS.Signals
  /** The time after the stop signal after which the child is killed. */
  graceMs?: number
}

const keptCharacters = 20_000
const running = new Map<Child, () => void>()

/** Starts the Node that runs this file, which is Node 24, with a script and its arguments. */
export function startNode(name: string, args: string[], options: ChildOptions = {}): Child {
  return startChild(name, process.execPath, args, options)
}

export function startChild(
  name: string,
  command: string,
  args: string[],
  {
    env = process.env,
    cwd = root,
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
    cwd,
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
      // The group has ended already.
    }
  }
  const kill = () => signalGroup('SIGKILL')

  const ended = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      keep(Buffer.from(`${error.message}\n`))
      resolve(1)
    })
    // 'close' comes after 'exit', when all output has arrived.
    child.on('close', (code) => resolve(code ?? 1))
    // The processes that the child has started would keep the output open.
    child.on('exit', kill)
  })

  const self: Child = {
    name,
    pid: child.pid,
    ended,
    output: () => kept,
    async stop() {
      if (!running.has(self)) return
      // Only the leader gets the signal, so that it can stop its own children in order.
      child.kill(stopSignal)
      const deadline = setTimeout(kill, graceMs)
      await ended
      clearTimeout(deadline)
    },
  }
  running.set(self, kill)
  ended.then(() => running.delete(self))
  return self
}

/** Stops the last child first, so that the database runs until the app has ended. */
export async function stopAll(): Promise<void> {
  for (const child of [...running.keys()].toReversed()) await child.stop()
}

/** Calls back on the first stop signal, and ignores the signals after it. */
export function onStopRequest(callback: (signal: NodeJS.Signals) => void): void {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      callback(signal)
    })
  }
}

// No child survives this process, even when an uncaught error ends it.
process.on('exit', () => {
  for (const kill of running.values()) kill()
})
