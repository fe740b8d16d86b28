import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '../lib/db/testing.ts'
import { type DatabaseDoor, startDatabaseDoor } from './database.ts'

const port = 45_130
const control = `http://localhost:${port + 1}`
let door: DatabaseDoor
let url: string
let pool: pg.Pool

beforeAll(async () => {
  const target = new URL(await createTestDatabase())
  door = await startDatabaseDoor(port, target.href)
  target.port = String(port)
  url = target.href
  pool = newPool()
  await pool.query('create table things (id int primary key, text text not null)')
})

afterAll(async () => {
  await pool.end()
  await door.stop()
})

function newPool(): pg.Pool {
  const created = new pg.Pool({ connectionString: url, max: 5 })
  // A connection that is cut while it idles is reported here, and ends the process if nobody listens.
  created.on('error', () => {})
  return created
}

const send = (method: string, path: string, body: unknown) =>
  fetch(control + path, { method, body: JSON.stringify(body) })

test('when closed cuts and refuses connections, and what was not committed is rolled back', async () => {
  await pool.query('insert into things values (2, $1)', ['kept'])
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  await client.query('insert into things values (3, $1)', ['lost'])

  expect(await (await send('PUT', '/_sandbox/database', { up: false })).json()).toEqual({
    up: false,
  })
  await expect(client.query('commit')).rejects.toThrow()
  client.release(true)
  const other = newPool()
  await expect(other.query('select 1')).rejects.toThrow(/ECONNREFUSED/)
  await other.end()

  const sql = 'select text from things where id > $1'
  const whileDown = await send('POST', '/_sandbox/query', { sql, params: [1] })
  expect(await whileDown.json()).toEqual({ rows: [{ text: 'kept' }] })

  await send('PUT', '/_sandbox/database', { up: true })
  expect((await pool.query('select text from things order by id')).rows).toEqual([{ text: 'kept' }])
})

test('when closed cuts a statement that waits for a lock', async () => {
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  await client.query('lock table things')
  const waiting = pool.query('select * from things')
  waiting.catch(() => {})
  const isWaiting = `select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => (await pool.query(isWaiting)).rows[0].count).toBe(1)
  await door.setUp(false)
  await expect(waiting).rejects.toThrow()
  client.release(true)
  await door.setUp(true)
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('says what is wrong with a request', async () => {
  const bad = await send('POST', '/_sandbox/query', { sql: 'select nonsense' })
  expect(bad.status).toBe(400)
  expect(await bad.json()).toEqual({ error: 'column "nonsense" does not exist' })
  expect((await send('PUT', '/_sandbox/database', { up: 'maybe' })).status).toBe(400)
  expect((await fetch(`${control}/nothing`)).status).toBe(404)
  expect(await (await fetch(`${control}/_sandbox/health`)).json()).toEqual({ up: true })
})
