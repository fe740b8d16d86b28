import pg from 'pg'
import { createDoor, type Door } from './door.ts'
import { databasePort } from './environment.ts'

/**
 * The database of this world: one of its own in the Postgres that all worlds share. The app reaches it
 * through a door that tests can close. Tests themselves go past that door.
 */

/** The database, with its tables, that each world's is a copy of. */
export const templateDatabase = 'world_template'

let opened: { pool: pg.Pool; door: Door } | undefined

function current() {
  if (!opened) throw new Error('The database of this world is not open.')
  return opened
}

export const database = {
  /** Whether the app can reach it. */
  setUp: (up: boolean) => (up ? current().door.open() : current().door.close()),
  query: async <Row>(sql: string, params: unknown[] = []) =>
    (await current().pool.query(sql, params)).rows as Row[],
}

/** @returns its address, as the app is to use it */
export async function openDatabase(
  name: string,
  postgresUrl: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = new pg.Client({ connectionString: postgresUrl })
  await server.connect()
  await server.query(`create database ${name} template ${templateDatabase}`)
  await server.end()

  const address = new URL(postgresUrl)
  address.pathname = name
  const pool = new pg.Pool({ connectionString: address.href, max: 2 })
  const door = createDoor(databasePort, Number(address.port))
  await door.open()
  opened = { pool, door }
  address.port = String(databasePort)
  return {
    url: address.href,
    async close() {
      opened = undefined
      await door.close()
      await pool.end()
    },
  }
}
