import pg from 'pg'
import { seedInHouseUsers } from '../../sandbox/in-house/seed.ts'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import type { TestPostgres } from '../../sandbox/test-postgres.ts'
import { createDoor, type Door } from './door.ts'
import { databasePort } from './environment.ts'

/**
 * The database of this world. All worlds share one Postgres server. The app connects through a door that tests
 * can close. Tests connect directly.
 */

let opened: { pool: pg.Pool; door: Door; url: string } | undefined

function current() {
  if (!opened) throw new Error('The database of this world is not open.')
  return opened
}

export const database = {
  /** Whether the app can reach it. */
  setUp: (up: boolean) => (up ? current().door.open() : current().door.close()),
  /** Whether it accepts connections and does not answer. */
  setHung: (hung: boolean) => (hung ? current().door.freeze() : current().door.thaw()),
  /** Replaces all users of the in-house login by the demo users. */
  seedInHouse: () => seedInHouseUsers(current().pool),
  /** The address for the app and for commands. */
  url: () => current().url,
  query: async <Row>(sql: string, params: unknown[] = []) =>
    (await current().pool.query(sql, params)).rows as Row[],
}

/** Writes the server, the prefix and the template of its databases into the environment, for the workers. */
export function shareDatabaseServer({ server, prefix, template }: TestPostgres): void {
  process.env.E2E_DATABASE = JSON.stringify({ url: server.url(), prefix, template })
}

/**
 * @param name unique among the worlds of a run
 * @returns the address for the app
 */
export async function openDatabase(name: string): Promise<{ url: string; close(): Promise<void> }> {
  const { url, prefix, template } = JSON.parse(process.env.E2E_DATABASE ?? '{}')
  const address = new URL(await postgresAt(url).createDatabase(`${prefix}${name}`, template))
  const pool = new pg.Pool({ connectionString: address.href, max: 2 })
  const door = createDoor(databasePort, { host: address.hostname, port: Number(address.port) })
  await door.open()
  address.hostname = 'localhost'
  address.port = String(databasePort)
  opened = { pool, door, url: address.href }
  return {
    url: address.href,
    async close() {
      opened = undefined
      await door.close()
      await pool.end()
    },
  }
}
