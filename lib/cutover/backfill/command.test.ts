import { spawn } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databaseUser, hashOf } from '../../../sandbox/backfill-files/records.ts'
import { secretsInFiles } from '../../../sandbox/backfill-files/secrets.ts'
import { writeBackfillFiles } from '../../../sandbox/backfill-files.ts'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { createTestDatabase, openTestDatabase } from '../../db/testing'
import { runBackfill } from './command'
import { setState } from './import/backfill-run'
import { outcomes } from './plan/outcome'
import { createProgress } from './progress'
import { backfillRuns } from './schema'
import { columns } from './source/csv-users'

let db: Database
let folder: string
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'cutover-command-'))
})
beforeEach(async () => {
  await db.execute(sql`truncate backfill_runs cascade`)
})

async function backfill(...args: string[]) {
  const lines: string[] = []
  const output = { write: (text: string) => lines.push(text) > 0 }
  // Each update shows the progress.
  let time = 0
  const clock = () => (time += 10_000)
  const code = await runBackfill(args, {
    // As console.log does, which prints every argument.
    print: (...values) => lines.push(values.map(String).join(' ')),
    progress: (label) => createProgress(label, output, clock),
    folder,
    signal: new AbortController().signal,
  })
  return { code, output: lines.join('\n') }
}

/** Starts the command as a process of its own. */
function start(databaseUrl: string, ...args: string[]) {
  const child = spawn(process.execPath, ['lib/cutover/backfill/run.mjs', ...args], {
    env: { ...process.env, ...appEnvironment, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, output })),
  )
  return { child, ended }
}

let files = 0
async function write(content: Buffer | string): Promise<string> {
  const path = join(folder, `file-${files++}.ndjson`)
  await writeFile(path, content)
  return path
}
const hostileFiles = (count: number) =>
  writeBackfillFiles({ folder: join(folder, `hostile-${files++}`), count })
const ndjson = (...lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n')

describe('npm run backfill', () => {
  it('plans by default, and ends with 0 when nothing needs a decision', async () => {
    const users = await write(ndjson(databaseUser('ada'), databaseUser('grace')))
    const hashes = await write(ndjson(hashOf('ada'), hashOf('grace')))
    const { code, output } = await backfill('--users', users, '--hashes', hashes)
    expect(output).toMatch(/create_with_password +2$/m)
    expect(output).toContain('The import of 2 takes 1 s at 60 calls a second.')
    expect(code).toBe(0)
  })

  it('ends with 2 while users stay out, and with 0 once the operator has accepted that', async () => {
    const users = await write(ndjson(databaseUser('ada'), databaseUser('eve', { blocked: true })))
    const undecided = await backfill('plan', '--users', users)
    expect(undecided.output).toContain('Decide about: blocked.')
    expect(undecided.code).toBe(2)
    const decided = await backfill('plan', '--users', users, '--accept', 'blocked')
    expect(decided.output).toMatch(/blocked +1 \(accepted\)$/m)
    expect(decided.output).toContain('the same files were planned before')
    expect(decided.code).toBe(0)
  })

  it('pauses and resumes an import that runs, and no other', async () => {
    const pause = () => backfill('pause', '--run', 'run_1')
    const resume = () => backfill('resume', '--run', 'run_1')
    expect(await pause()).toMatchObject({ code: 1, output: expect.stringMatching(/^run_unknown:/) })
    const files = { usersFile: 'users.ndjson', usersDigest: '' }
    await db
      .insert(backfillRuns)
      .values({ id: 'run_1', ...files, rate: 60, state: 'planned' as const })
    expect((await pause()).output).toMatch(/^run_not_running:/)
    await setState('run_1', 'running')
    expect((await resume()).output).toMatch(/^run_not_running:/)
    expect(await pause()).toMatchObject({ code: 0, output: expect.stringMatching(/^Paused\./) })
    const refused = await backfill('import', '--run', 'run_1')
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^run_paused:/) })
    expect(await resume()).toMatchObject({ code: 0, output: expect.stringMatching(/^Resumed\./) })
  })

  it('names the time of an import at the chosen rate', async () => {
    const users = await write(
      ndjson(...Array.from({ length: 700 }, (_, index) => databaseUser(`person-${index}`))),
    )
    const { output } = await backfill('--users', users, '--rate', '5')
    expect(output).toContain('The import of 700 takes 3 min at 5 calls a second.')
  })

  it.each([
    ['--users is missing', ['plan']],
    ['"exprot" is no subcommand', ['exprot']],
    ['"toString" is no subcommand', ['toString']],
    ["Unknown option '--user'", ['--user', 'x']],
    ['--rate must be a whole number from 1 to 65', ['--users', 'x', '--rate', '66']],
    ['--rate must be a whole number from 1 to 65', ['--users', 'x', '--rate', 'fast']],
    ['--accept does not know "hash"', ['--users', 'x', '--accept', 'hash']],
    ['file_missing: /nowhere cannot be read (ENOENT)', ['--users', '/nowhere']],
    ['mapping_refused: /nowhere.mjs cannot be loaded', ['--users', 'x', '--map', '/nowhere.mjs']],
  ])('ends with 1 and says: %s', async (message, args) => {
    const { code, output } = await backfill(...args)
    expect(output).toContain(message)
    expect(code).toBe(1)
  })

  it.each([[['--help']], [['plan', '--help']], [[]]])('explains itself with %j', async (args) => {
    const { code, output } = await backfill(...args)
    for (const word of ['export:', 'plan:', '--users', '--map', 'Exit codes']) {
      expect(output).toContain(word)
    }
    expect(code).toBe(0)
  })

  it('prints each count of a run on one line, by the code of the plan', async () => {
    const users = await write(`${ndjson(databaseUser('eve', { blocked: true }))}\n{"cut`)
    const { output } = await backfill('plan', '--users', users)
    const runId = /^Run (\w+)/m.exec(output)?.[1] ?? ''
    const undone = await backfill('undo', '--run', runId)
    const lines = ['skipped   blocked', 'skipped   line_unreadable']
    expect(undone).toEqual({
      code: 0,
      output: lines.map((line) => `${line.padEnd(53)}1`).join('\n'),
    })
  })

  it('repeats no address, hash or token in its output, its report and its files', async () => {
    const { usersFile, hashesFile } = await hostileFiles(1_500)
    const map = await write('')
    await writeFile(`${map}.mjs`, 'export default ({ email }) => { throw new Error(email) }')
    const { code, output } = await backfill(
      ...['--users', usersFile],
      ...['--hashes', hashesFile],
      ...['--map', `${map}.mjs`],
    )
    expect(code).toBe(2)
    expect(output).toMatch(/mapping_invalid +\d+/)
    expect(output).toMatch(/Reading lines: \d+/)
    expect(output).not.toMatch(secretsInFiles)
  })

  it('runs as a command, whose exit code scripts can read', async () => {
    const users = await write(ndjson(databaseUser('ada'), databaseUser('eve', { blocked: true })))
    const { ended } = start(await createTestDatabase(), '--users', users)
    const { code, output } = await ended
    expect(output).toMatch(/create +1$/m)
    expect(code, output).toBe(2)
  })

  it('leaves nothing after kill -9 while it plans, twice, and its sums then come out', async () => {
    const { usersFile, hashesFile, mappingFile, counts } = await hostileFiles(4_000)
    const args = ['--users', usersFile, '--hashes', hashesFile, '--map', mappingFile]
    const url = await createTestDatabase()
    const client = new pg.Client(url)
    await client.connect()
    // While this connection has the lock, a plan stops after its first rows.
    await client.query(`create function pause() returns trigger language plpgsql
      as 'begin perform pg_advisory_xact_lock_shared(1); return null; end'`)
    await client.query(
      'create trigger pause after insert on backfill_rows execute function pause()',
    )
    const locks = `select granted from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`
    const waiting = async () =>
      (await client.query(locks)).rows.filter(({ granted }) => !granted).length
    const planning = async () => (await client.query(locks)).rowCount
    const runs = async () => (await client.query('select 1 from backfill_runs')).rowCount
    for (let kill = 0; kill < 2; kill++) {
      await client.query('select pg_advisory_lock(1)')
      const { child, ended } = start(url, ...args)
      await expect.poll(waiting).toBe(1)
      child.kill('SIGKILL')
      await ended
      await client.query('select pg_advisory_unlock(1)')
      // The server rolls back as soon as it sees that the connection is closed.
      await expect.poll(planning).toBe(0)
      expect(await runs()).toBe(0)
    }
    const { code, output } = await start(url, ...args).ended
    const { rows } = await client.query('select count(*)::int as lines from backfill_rows')
    await client.end()
    const lines = Object.values(counts).reduce((sum, each) => sum + each, 0)
    expect(rows).toEqual([{ lines }])
    expect(output).not.toContain('planned before')
    expect(code, output).toBe(2)
  })
})

describe('docs/backfill.md', () => {
  it('says what to do about every code', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/backfill.md'), 'utf8')
    const codes = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code)
    for (const outcome of outcomes) expect(codes).toContain(outcome)
  })

  it('names every column of the CSV files', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/backfill.md'), 'utf8')
    for (const column of [...columns.inHouse, ...columns.cognito]) {
      expect(page).toContain(`\`${column}\``)
    }
  })
})
