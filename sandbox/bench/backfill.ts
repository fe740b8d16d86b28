import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import pg from 'pg'
import { migrate } from '../../lib/server/migrate-database.ts'
import { writeBackfillFiles } from '../backfill-files.ts'
import { startPostgres } from '../postgres.ts'
import { onStopRequest, root, startNode, stopAll } from '../processes.ts'
import { appEnvironment } from '../settings.ts'
import { startStytchStandIn } from '../stytch/server.ts'

/**
 * `npm run bench:backfill` measures the memory of the backfill: of a plan, and of an import against a stand-in without a
 * rate limit. The memory must not grow with the number of users.
 */

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    imports: { type: 'string', default: '50000' },
  },
})

/** The resident memory of a process, in megabytes, and how many rows the database has then. */
type Sample = { rows: number; megabytes: number }

/** How often the memory is read. In milliseconds. */
const interval = 500
const memoryOf = promisify(execFile)

/** Runs the command as an operator does, and reads its memory meanwhile. */
async function measure(args: string[], env: Record<string, string>, countRows: Counter) {
  const started = performance.now()
  const command = join(root, 'lib/cutover/backfill/run.mjs')
  const child = startNode(`backfill ${args[0]}`, [command, ...args], {
    env: { ...process.env, ...appEnvironment, ...env },
    // The command unpacks the files into .data/backfill there.
    cwd: folder,
  })
  const samples: Sample[] = []
  let isRunning = true
  const ended = child.ended.finally(() => {
    isRunning = false
  })
  while (isRunning) {
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, interval))])
    // The process may have ended.
    const memory = await memoryOf('ps', ['-o', 'rss=', '-p', String(child.pid)]).catch(() => null)
    if (memory) samples.push({ rows: await countRows(), megabytes: Number(memory.stdout) / 1_024 })
  }
  if ((await ended) === 1) throw new Error(child.output())
  return { samples, output: child.output(), seconds: (performance.now() - started) / 1_000 }
}

const peakOf = (samples: Sample[]): string =>
  `${Math.max(...samples.map(({ megabytes }) => megabytes)).toFixed(0)} MB`

const sizeOf = (path: string): string => `${(statSync(path).size / 1_048_576).toFixed(0)} MB`

onStopRequest(() => process.exit(130))
const folder = mkdtempSync(join(tmpdir(), 'cutover-bench-backfill-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const postgres = await startPostgres({ isThrowAway: true })
const stytch = await startStytchStandIn({ port: 0, userinfoUrl: null, webhookUrl: null })

type Counter = () => Promise<number>
type Part = {
  count: number
  env: Record<string, string>
  /** The arguments of the plan. */
  plan: string[]
  /** Of the packed files. */
  sizes: string
  /** Counts the rows with a state. */
  rowsIn: (state: string) => Counter
}

/** Files and a database for one measurement. */
async function part(name: string, count: number, work: (part: Part) => Promise<void>) {
  const files = await writeBackfillFiles({
    folder: join(folder, name),
    count,
    isPacked: true,
    isHostile: false,
  })
  const { usersFile, hashesFile } = files
  const url = await postgres.createDatabase(name)
  await migrate(url)
  const client = new pg.Client(url)
  await client.connect()
  const rowsIn = (state: string) => async () => {
    const sql = 'select count(*)::int as count from backfill_rows where state = $1'
    return (await client.query(sql, [state])).rows[0].count
  }
  const env = { DATABASE_URL: url, STYTCH_API_URL: stytch.url }
  const plan = ['plan', '--users', usersFile, '--hashes', hashesFile]
  const sizes = `${sizeOf(usersFile)} and ${sizeOf(hashesFile)}`
  try {
    await work({ count, env, plan, sizes, rowsIn })
  } finally {
    await client.end()
  }
}

const none: Counter = async () => 0

try {
  await part('plan', Number(values.users), async ({ count, env, plan, sizes }) => {
    const { samples, output, seconds } = await measure(plan, env, none)
    const fifth = Math.ceil(samples.length / 5)
    console.log(`plan of ${count} users, packed files of ${sizes}`)
    console.log(`  memory in the first fifth of the time  ${peakOf(samples.slice(0, fifth))}`)
    console.log(`  memory in the last fifth of the time   ${peakOf(samples.slice(-fifth))}`)
    console.log(`  peak ${peakOf(samples)}, ${seconds.toFixed(0)} s`)
    console.log(output.slice(output.indexOf('Run ')).replace(/^/gm, '  '))
  })
  await part('import', Number(values.imports), async ({ count, env, plan, rowsIn }) => {
    const { output } = await measure(plan, env, none)
    const [, run = ''] = /^Run (\S+)/m.exec(output) ?? []
    const args = ['import', '--run', run, '--rate', '10000', '--skip-check']
    const { samples, seconds } = await measure(args, env, rowsIn('done'))
    console.log(`import of ${count} users`)
    for (const share of [0.2, 0.4, 0.6, 0.8, 1]) {
      const [from, to] = [(share - 0.2) * count, share * count]
      const between = samples.filter(({ rows }) => rows >= from && rows <= to)
      console.log(`  memory up to ${share * 100} % of the rows  ${peakOf(between)}`)
    }
    console.log(`  ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} users a second`)
  })
} finally {
  await stopAll()
  await postgres.stop()
  await stytch.close()
}
process.exit(0)
