import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import { migrateDatabase } from '../db/migrate.ts'
import journal from '../db/migrations/meta/_journal.json' with { type: 'json' }
import { migrate } from './migrate-database.ts'

let url: string
let client: pg.Client

beforeEach(async () => {
  const { url: server, template } = inject('postgres')
  url = await postgresAt(server).createDatabase(template.replace('template', crypto.randomUUID()))
  client = new pg.Client(url)
  await client.connect()
})

afterEach(async () => {
  await client.end()
})

const claimsIndex = async () =>
  (
    await client.query(
      `select indexrelid as id, indisvalid as valid from pg_index where indexrelid = to_regclass('claims_state')`,
    )
  ).rows

describe('npm run db:migrate', () => {
  it('creates all tables once, however many commands start at once', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => command(url)))
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    const all = `The database is up to date (${journal.entries.length} new migrations).`
    expect(runs.filter(({ output }) => output.includes(all))).toHaveLength(1)
    expect(
      (
        await client.query(
          'select created_at::float8 as at from drizzle.__drizzle_migrations order by 1',
        )
      ).rows,
    ).toEqual(journal.entries.map(({ when }) => ({ at: when })))
    const { rows } = await client.query('select name, policy from pgboss.queue order by 1')
    expect(rows).toEqual([
      { name: 'forward', policy: 'singleton' },
      { name: 'mirror', policy: 'singleton' },
      { name: 'mirror-dead', policy: 'standard' },
      { name: 'revocation', policy: 'standard' },
    ])
  })

  it('asks for a missing DATABASE_URL, and logs no password when it fails', async () => {
    expect(await command('')).toMatchObject({
      code: 1,
      output: /^The database is not up to date: DATABASE_URL/,
    })
    const closed = new URL(url)
    closed.port = '1'
    const { code, output } = await command(closed.href)
    expect(code).toBe(1)
    expect(output).toMatch(/^The database is not up to date: .*ECONNREFUSED/)
    expect(output).not.toContain(closed.password)
  })

  function command(address: string): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, ['lib/server/migrate-database.ts'], {
      env: { ...process.env, DATABASE_URL: address },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
  }
})

describe('a database of a version that migrated by itself', () => {
  it('gets only the new migrations', async () => {
    // Creates the state that Drizzle's own migrator left, with its table of the applied migrations.
    const [first] = journal.entries
    await client.query(readFileSync(`lib/db/migrations/${first?.tag}.sql`, 'utf8'))
    await client.query('create schema drizzle')
    await client.query(
      'create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
    )
    await client.query(
      'insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)',
      ['of-another-version', first?.when],
    )
    expect(await migrate(url)).toEqual(journal.entries.slice(1).map(({ tag }) => tag))
    expect(await claimsIndex()).toMatchObject([{ valid: true }])
  })

  it('does not rebuild an index that an earlier migration has built', async () => {
    // A later migration may create a table, which cannot be repeated. So these end with the indexes.
    const folder = migrationsUntil('0005_claims_updated')
    await migrateDatabase(url, { folder })
    const before = await claimsIndex()
    const entry = journal.entries.find(({ tag }) => tag === '0004_claims_state')
    await client.query('delete from drizzle.__drizzle_migrations where created_at >= $1', [
      entry?.when,
    ])
    expect(await migrateDatabase(url, { folder })).toContain(entry?.tag)
    expect(await claimsIndex()).toEqual(before)
  })

  /** A copy of the migrations that ends with the named one. */
  function migrationsUntil(tag: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    cpSync('lib/db/migrations', folder, { recursive: true })
    const last = journal.entries.findIndex((entry) => entry.tag === tag)
    const entries = journal.entries.slice(0, last + 1)
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
    return folder
  }
})
