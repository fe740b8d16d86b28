import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createDoor, type Door } from '../../e2e/world/door.ts'
import { freePort } from '../../sandbox/free-port.ts'
import {
  database,
  databaseCircuit,
  databasePool,
  inTransaction,
  openDatabase,
  replaceDatabase,
} from './database'
import { accounts } from './schema'
import { createTestDatabase } from './testing'

let door: Door

beforeAll(async () => {
  const target = new URL(await createTestDatabase())
  const port = await freePort()
  door = createDoor(port, { host: target.hostname, port: Number(target.port) })
  await door.open()
  target.hostname = 'localhost'
  target.port = String(port)
  replaceDatabase(await openDatabase(target.href))
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterAll(async () => {
  await door.close()
  await databasePool().then((pool) => pool.end())
})

const read = async () => (await database()).execute(sql`select 1 as one`)
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: { code?: string }) => error.code ?? 'timeout',
  )

it('does not open for violations of a constraint', async () => {
  const db = await database()
  const account = { id: 'acct_1', email: 'ada@example.com', emailVerified: true, name: 'Ada' }
  await db.insert(accounts).values(account)
  const again = Array.from({ length: 20 }, () => codeOf(db.insert(accounts).values(account)))
  await Promise.all(again)
  expect(databaseCircuit()).toBe('closed')
})

it('a hung Postgres delays a few requests only: the next ones fail at once, and recover by themselves', async () => {
  await read()
  door.freeze()
  // The requests that are under way when Postgres hangs wait for the time-out of the driver.
  await Promise.all(Array.from({ length: 5 }, () => codeOf(read())))
  expect(databaseCircuit()).not.toBe('closed')

  const started = performance.now()
  const calls = Array.from({ length: 100 }, (_, n) =>
    codeOf(n % 2 ? read() : inTransaction(async () => undefined)),
  )
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['database_circuit_open']))
  expect(performance.now() - started).toBeLessThan(1_000)

  door.thaw()
  // A probe in the background closes the circuit, and no request has to be the probe.
  await vi.waitUntil(() => databaseCircuit() === 'closed', { timeout: 20_000 })
  expect(await codeOf(read())).toBe('ok')
})
