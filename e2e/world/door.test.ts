import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../../lib/db/testing.ts'
import { freePort } from '../../sandbox/free-port.ts'
import { createDoor, type Door } from './door.ts'

let door: Door
let url: string
/** Connects directly to the database. */
let direct: pg.Pool
let pool: pg.Pool

beforeAll(async () => {
  const target = new URL(await createTestDatabase())
  const port = await freePort()
  direct = new pg.Pool({ connectionString: target.href, max: 1 })
  door = createDoor(port, { host: target.hostname, port: Number(target.port) })
  await door.open()
  target.port = String(port)
  url = target.href
  pool = newPool()
  await pool.query('create table things (id int primary key, text text not null)')
})

afterAll(async () => {
  await Promise.all([pool.end(), direct.end()])
  await door.close()
})

function newPool(): pg.Pool {
  const created = new pg.Pool({ connectionString: url, max: 5 })
  // The pool emits an error when an idle connection is cut. Without a listener, that error ends the process.
  created.on('error', () => {})
  return created
}

test('a closed door cuts and refuses connections, and Postgres rolls back open transactions', async () => {
  await pool.query('insert into things values (2, $1)', ['kept'])
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  await client.query('insert into things values (3, $1)', ['lost'])

  await door.close()
  await expect(client.query('commit')).rejects.toThrow()
  client.release(true)
  const other = newPool()
  await expect(other.query('select 1')).rejects.toThrow(/ECONNREFUSED/)
  await other.end()
  expect((await direct.query('select text from things')).rows).toEqual([{ text: 'kept' }])

  await door.open()
  expect((await pool.query('select text from things order by id')).rows).toEqual([{ text: 'kept' }])
})

test('a closed door cuts a statement that waits for a lock', async () => {
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  await client.query('lock table things')
  const waiting = pool.query('select * from things')
  waiting.catch(() => {})
  const isWaiting = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await pool.query(isWaiting)).rows[0].count).toBe(1)
  await door.close()
  await expect(waiting).rejects.toThrow()
  client.release(true)
  await door.open()
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
