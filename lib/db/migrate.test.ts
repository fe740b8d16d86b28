import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import { migrateDatabase } from './migrate.ts'

let url: string
let client: pg.Client
let folder: string

beforeEach(async () => {
  const { url: server, template } = inject('postgres')
  url = await postgresAt(server).createDatabase(template.replace('template', crypto.randomUUID()))
  client = await connect()
  folder = mkdtempSync(join(tmpdir(), 'cutover-migrations-'))
})

afterEach(async () => {
  await client.end()
  rmSync(folder, { recursive: true })
})

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client(url)
  await connected.connect()
  return connected
}

/** Writes migrations as Drizzle does. The keys are their names, and the values their SQL. */
function write(files: Record<string, string>): string {
  mkdirSync(join(folder, 'meta'), { recursive: true })
  const entries = Object.keys(files).map((tag, index) => ({ tag, when: 1_000 + index }))
  writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
  for (const [tag, text] of Object.entries(files)) writeFileSync(join(folder, `${tag}.sql`), text)
  return folder
}

const journalRows = async () =>
  (
    await client.query(
      'select created_at::float8 as at from drizzle.__drizzle_migrations order by 1',
    )
  ).rows

/** How many statements with such a text wait for a lock. */
const waiting = async (observer: pg.Client, text: string): Promise<number> =>
  (
    await observer.query(
      `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and strpos(query, $1) > 0`,
      [text],
    )
  ).rows[0].count

const indexes = async (table: string) =>
  (
    await client.query(
      `select relname as name, indisvalid as valid from pg_index join pg_class on oid = indexrelid
      where indrelid = $1::regclass and not indisprimary order by 1`,
      [table],
    )
  ).rows

describe('a file', () => {
  it('is applied as a whole or not at all', async () => {
    write({
      '0000_things': 'create table things (id int);--> statement-breakpoint\nselect nonsense;',
    })
    await expect(migrateDatabase(url, { folder })).rejects.toThrow(/nonsense/)
    expect((await client.query(`select to_regclass('things') as found`)).rows).toEqual([
      { found: null },
    ])
    expect(await journalRows()).toEqual([])
    write({ '0000_things': 'create table things (id int);' })
    expect(await migrateDatabase(url, { folder })).toEqual(['0000_things'])
    expect(await migrateDatabase(url, { folder })).toEqual([])
  })

  it('may take longer than the statement timeout of the role', async () => {
    write({ '0000_nothing': 'select 1' })
    await migrateDatabase(url, { folder })
    await client.query(
      `do $$ begin execute format('alter role %I in database %I set statement_timeout = 100', current_user, current_database()); end $$`,
    )
    write({ '0000_nothing': 'select 1', '0001_slow': 'select pg_sleep(0.3)' })
    expect(await migrateDatabase(url, { folder })).toEqual(['0001_slow'])
  })

  it('does not wait long for a locked table, so that no query waits behind it', async () => {
    await client.query('create table things (id int)')
    await client.query('begin')
    await client.query('select * from things')
    write({ '0000_column': 'alter table things add column name text' })
    const limits = { lockMilliseconds: 50, patienceMilliseconds: 200 }
    await expect(migrateDatabase(url, { folder, ...limits })).rejects.toThrow(
      '0000_column needs a lock that another transaction holds. Find it in pg_stat_activity',
    )
    const applied = migrateDatabase(url, { folder, lockMilliseconds: 300 })
    const reader = await connect()
    await expect.poll(() => waiting(reader, 'add column')).toBe(1)
    // If the migration waited without a limit, this query would wait until the transaction ends.
    await reader.query('select * from things')
    await reader.end()
    await client.query('commit')
    expect(await applied).toEqual(['0000_column'])
  })
})

describe('a concurrent index', () => {
  const table = 'create table things (id int); insert into things select generate_series(1, 1000)'
  const index = 'CREATE UNIQUE INDEX CONCURRENTLY "things_id" ON "things" ("id");'

  it('is built while others write', async () => {
    await client.query(table)
    await client.query('begin')
    await client.query('insert into things values (2000)')
    write({ '0000_index': index })
    const applied = migrateDatabase(url, { folder })
    // The build waits for the open transaction, and does not block other writes.
    const writer = await connect()
    await expect.poll(() => waiting(writer, 'things_id')).toBe(1)
    await writer.query('insert into things values (2001)')
    await writer.end()
    await client.query('commit')
    expect(await applied).toEqual(['0000_index'])
    expect(await indexes('things')).toEqual([{ name: 'things_id', valid: true }])
  })

  it('that failed halfway is invalid, and the next run builds it again', async () => {
    await client.query(table)
    await client.query('insert into things values (1)')
    write({ '0000_index': index })
    await expect(migrateDatabase(url, { folder })).rejects.toThrow(/things_id/)
    expect(await indexes('things')).toEqual([{ name: 'things_id', valid: false }])
    await client.query('delete from things where ctid = (select max(ctid) from things)')
    expect(await migrateDatabase(url, { folder })).toEqual(['0000_index'])
    expect(await indexes('things')).toEqual([{ name: 'things_id', valid: true }])
  })

  it('does not deadlock with a command that waits for the lock', async () => {
    await client.query(table)
    write({ '0000_index': index })
    const runs = Array.from({ length: 5 }, () => migrateDatabase(url, { folder }))
    expect((await Promise.all(runs)).flat()).toEqual(['0000_index'])
  })

  it('needs a file of its own', async () => {
    await client.query(table)
    write({ '0000_mixed': `select 1;--> statement-breakpoint\n${index}` })
    await expect(migrateDatabase(url, { folder })).rejects.toThrow(/a file of their own/)
  })
})

it('builds every index on an older table concurrently, in all migrations', () => {
  for (const file of readdirSync('lib/db/migrations').filter((name) => name.endsWith('.sql'))) {
    const text = readFileSync(`lib/db/migrations/${file}`, 'utf8')
    const created = [...text.matchAll(/CREATE TABLE "(\w+)"/g)].map(([, name]) => name)
    for (const [statement, table] of text.matchAll(/CREATE (?:UNIQUE )?INDEX [^;]*? ON "(\w+)"/g)) {
      if (!created.includes(table)) expect(statement, file).toContain('INDEX CONCURRENTLY')
    }
  }
})
