import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { startPostgres } from './postgres.ts'

const directory = mkdtempSync(join(tmpdir(), 'cutover-postgres-test-'))
const lock = join(directory, 'data/postmaster.pid')

afterEach(() => {
  vi.unstubAllEnvs()
})

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

it('keeps its data after a restart, and listens on localhost only', async () => {
  const first = await startPostgres({ directory })
  await query(first.url(), 'create table notes as select 1 as id')
  expect(await query(first.url(), 'show listen_addresses')).toEqual([
    { listen_addresses: 'localhost' },
  ])
  await first.stop()
  await expect(query(first.url(), 'select 1')).rejects.toThrow(/ECONNREFUSED/)

  const second = await startPostgres({ directory })
  expect(await query(second.url(), 'select id from notes')).toEqual([{ id: 1 }])
  expect(await query(second.url(), 'show fsync')).toEqual([{ fsync: 'on' }])
  await second.stop()
})

it('copies a database from a template, and keeps one that exists', async () => {
  const postgres = await startPostgres({ directory })
  await query(await postgres.createDatabase('template'), 'create table things as select 7 as id')
  const copy = await postgres.createDatabase('copy', 'template')
  expect(await query(copy, 'select id from things')).toEqual([{ id: 7 }])
  await query(copy, 'update things set id = 8')
  expect(await query(await postgres.createDatabase('copy'), 'select id from things')).toEqual([
    { id: 8 },
  ])
  await postgres.stop()
})

it('refuses a folder that is in use, and a port that is in use', async () => {
  const postgres = await startPostgres({ directory })
  await expect(startPostgres({ directory })).rejects.toThrow(
    `is in use by process ${process.pid}. Stop that one, or set DATABASE_URL`,
  )
  await postgres.stop()

  const server = createServer()
  await new Promise<void>((resolve) => server.listen(postgres.port, 'localhost', resolve))
  await expect(startPostgres({ directory, port: postgres.port })).rejects.toThrow(
    `Port ${postgres.port} is in use, but the database needs it`,
  )
  server.close()
})

it('starts when a stale lock names the process of another program', async () => {
  // Postgres ignores the processes of other users, so this one has the same user.
  const { uid, gid } = statSync(directory)
  const other = spawn('sleep', ['60'], { uid, gid })
  writeFileSync(lock, `${other.pid}\n${join(directory, 'data')}\n0\n1\n\nlocalhost\n`)
  const postgres = await startPostgres({ directory })
  await postgres.stop()
  expect(other.exitCode).toBeNull()
  other.kill()
})

it('stops the Postgres of a killed process', async () => {
  const script = `import { startPostgres } from './sandbox/postgres.ts'
    console.log((await startPostgres({ directory: ${JSON.stringify(directory)} })).url())`
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script])
  const abandoned = await new Promise<string>((resolve) => {
    owner.stdout.once('data', (data) => resolve(String(data).trim()))
  })
  const gone = new Promise((resolve) => owner.once('close', resolve))
  owner.kill('SIGKILL')
  await gone
  expect(await query(abandoned, 'select 1 as one')).toEqual([{ one: 1 }])

  const postgres = await startPostgres({ directory })
  await expect(query(abandoned, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
  await postgres.stop()
})

it.runIf(process.getuid?.() === 0)(
  'as root, runs below a folder that is closed to others',
  async () => {
    // The folder of `mkdtemp` is closed, as /root is.
    const closed = mkdtempSync(join(tmpdir(), 'cutover-postgres-test-'))
    const postgres = await startPostgres({ directory: join(closed, 'postgres'), isThrowAway: true })
    expect(await query(postgres.url(), 'select 1 as one')).toEqual([{ one: 1 }])
    await postgres.stop()
    rmSync(closed, { recursive: true })
  },
)

it('refuses data that another version wrote', async () => {
  const file = join(directory, 'data/PG_VERSION')
  const version = readFileSync(file, 'utf8')
  writeFileSync(file, '17\n')
  await expect(startPostgres({ directory })).rejects.toThrow(
    /was written by Postgres 17, and this is 18\. Delete that folder/,
  )
  writeFileSync(file, version)
})

it('refuses to start in production', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  await expect(startPostgres({ directory })).rejects.toThrow(
    'The embedded Postgres does not run in production. Set DATABASE_URL.',
  )
})
