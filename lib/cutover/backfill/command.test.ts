import { spawn } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { createTestDatabase, openTestDatabase } from '../../db/testing'
import { runBackfill } from './command'
import { hashLine, migrationFiles, userLine } from './plan/hostile-files-testing'
import { outcomes } from './plan/outcome'
import { createProgress } from './progress'
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
    print: (line) => lines.push(line),
    progress: (label) => createProgress(label, output, clock),
    folder,
    signal: new AbortController().signal,
  })
  return { code, output: lines.join('\n') }
}

let files = 0
async function write(content: Buffer | string): Promise<string> {
  const path = join(folder, `file-${files++}.ndjson`)
  await writeFile(path, content)
  return path
}
const ndjson = (...lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n')

describe('npm run backfill', () => {
  it('plans by default, and ends with 0 when nothing needs a decision', async () => {
    const users = await write(ndjson(userLine('ada'), userLine('grace')))
    const hashes = await write(ndjson(hashLine('ada'), hashLine('grace')))
    const { code, output } = await backfill('--users', users, '--hashes', hashes)
    expect(output).toMatch(/create_with_password +2$/m)
    expect(output).toContain('The import of 2 takes 1 s at 60 calls a second.')
    expect(code).toBe(0)
  })

  it('ends with 2 while users stay out, and with 0 once the operator has accepted that', async () => {
    const users = await write(ndjson(userLine('ada'), userLine('eve', { blocked: true })))
    const undecided = await backfill('plan', '--users', users)
    expect(undecided.output).toContain('Decide about: blocked.')
    expect(undecided.code).toBe(2)
    const decided = await backfill('plan', '--users', users, '--accept', 'blocked')
    expect(decided.output).toMatch(/blocked +1 \(accepted\)$/m)
    expect(decided.output).toContain('the same files were planned before')
    expect(decided.code).toBe(0)
  })

  it('names the time of an import at the chosen rate', async () => {
    const users = await write(
      ndjson(...Array.from({ length: 700 }, (_, index) => userLine(`person-${index}`))),
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

  it('repeats no address, hash or token in its output, its report and its files', async () => {
    const content = migrationFiles(1_500)
    const map = await write('')
    await writeFile(`${map}.mjs`, 'export default ({ email }) => { throw new Error(email) }')
    const { code, output } = await backfill(
      ...['--users', await write(content.users)],
      ...['--hashes', await write(content.hashes)],
      ...['--map', `${map}.mjs`],
    )
    expect(code).toBe(2)
    expect(output).toMatch(/mapping_invalid +\d+/)
    expect(output).toMatch(/Reading lines: \d+/)
    expect(output).not.toMatch(/@|people\.example|\$2b|\$10\$|token-of|Person|d41d8cd9|\+1555/)
  })

  it('runs as a command, whose exit code scripts can read', async () => {
    const users = await write(ndjson(userLine('ada'), userLine('eve', { blocked: true })))
    const args = ['lib/cutover/backfill/run.mjs', '--users', users]
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...appEnvironment, DATABASE_URL: await createTestDatabase() },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(output).toMatch(/create +1$/m)
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
