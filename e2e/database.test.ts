import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, startDatabase } from './database.ts'

const port = 45_130
const control = `http://localhost:${port + 1}`
let database: Database
let pool: pg.Pool

beforeAll(async () => {
  database = await startDatabase(port)
  pool = newPool()
  await pool.query('create table notes (id int primary key, text text not null)')
}, 30_000)

afterAll(async () => {
  await pool.end()
  await database.stop()
})

function newPool(): pg.Pool {
  const created = new pg.Pool({
    connectionString: `postgres://postgres:postgres@localhost:${port}/postgres`,
    max: 5,
  })
  // A connection that is cut while it idles is reported here, and ends the process if nobody listens.
  created.on('error', () => {})
  return created
}

const send = (method: string, path: string, body: unknown) =>
  fetch(control + path, { method, body: JSON.stringify(body) })

test('keeps the parameters of parallel statements apart', async () => {
  const numbers = Array.from({ length: 200 }, (_, index) => index)
  const sums = await Promise.all(
    numbers.map(async (n) => {
      // Two shapes, so that a statement bound to the other one's parameters fails.
      const { rows } =
        n % 2 === 0
          ? await pool.query('select $1::int + 1 as sum', [n])
          : await pool.query('select $1::int + $2::int as sum, $3::text as note', [n, 1, 'odd'])
      return rows[0].sum
    }),
  )
  expect(sums).toEqual(numbers.map((n) => n + 1))
})

test('keeps everyone else out of an open transaction', async () => {
  const client = await pool.connect()
  await client.query('begin')
  await client.query('insert into notes values ($1, $2)', [1, 'draft'])
  let seen: unknown[] | undefined
  const other = pool.query('select * from notes').then(({ rows }) => {
    seen = rows
  })
  await client.query('select 1')
  expect(seen).toBeUndefined()
  await client.query('rollback')
  client.release()
  await other
  expect(seen).toEqual([])
})

test('lets one at a time through an advisory lock of a transaction', async () => {
  let inside = 0
  let most = 0
  const enter = async () => {
    const client = await pool.connect()
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [42])
    inside += 1
    most = Math.max(most, inside)
    await client.query('select 1')
    inside -= 1
    await client.query('commit')
    client.release()
  }
  await Promise.all(Array.from({ length: 12 }, enter))
  expect(most).toBe(1)
})

test('goes on after a statement or a transaction that failed', async () => {
  await expect(pool.query('select nonsense')).rejects.toThrow(/nonsense/)
  const client = await pool.connect()
  await client.query('begin')
  await expect(client.query('select $1::int', ['x'])).rejects.toThrow(/integer/)
  await expect(client.query('select 1')).rejects.toThrow(/aborted/)
  await client.query('rollback')
  client.release()
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('when taken down cuts and refuses connections, rolls back, and keeps the data', async () => {
  await pool.query('insert into notes values (2, $1)', ['kept'])
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  await client.query('insert into notes values (3, $1)', ['lost'])

  expect(await (await send('PUT', '/_sandbox/database', { up: false })).json()).toEqual({
    up: false,
  })
  await expect(client.query('commit')).rejects.toThrow()
  client.release(true)
  await expect(newPool().query('select 1')).rejects.toThrow(/ECONNREFUSED/)

  const sql = 'select text from notes where id > $1'
  const whileDown = await send('POST', '/_sandbox/query', { sql, params: [1] })
  expect(await whileDown.json()).toEqual({ rows: [{ text: 'kept' }] })

  await send('PUT', '/_sandbox/database', { up: true })
  expect((await pool.query('select text from notes order by id')).rows).toEqual([{ text: 'kept' }])
})

test('cuts a statement that waits for its turn', async () => {
  const client = await pool.connect()
  client.on('error', () => {})
  await client.query('begin')
  const waiting = pool.query('select 1')
  waiting.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  await database.setUp(false)
  await expect(waiting).rejects.toThrow()
  client.release(true)
  await database.setUp(true)
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
