import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from '../lib/server/migrate-database.ts'
import { addInHouseUsers } from './in-house/seed.ts'
import { postgresUrl, startPostgres } from './postgres.ts'
import { root } from './processes.ts'
import { ports } from './settings.ts'

export type DemoDatabase = {
  url: string
  /** The line for the terminal, without the password. */
  description: string
  /** Resolves with the exit code when the embedded Postgres ends. */
  ended?: Promise<number>
}

const folder = '.data/postgres'

/** The databases of the stand-ins and of your own keys. Their data must not mix. */
export const databaseNames = { standIns: 'demo', ownKeys: 'own_keys' } as const

/**
 * The database of a running demo with the stand-ins.
 * @returns null if this folder never had a demo
 */
export function demoDatabaseUrl(directory = join(root, folder)): string | null {
  if (!existsSync(directory)) return null
  return postgresUrl(directory, ports.database, databaseNames.standIns)
}

/**
 * Opens the database of the demo and migrates its tables.
 * @param given the DATABASE_URL. When it is empty, the demo starts an embedded Postgres.
 * @param name the database on the embedded Postgres
 */
export async function openDemoDatabase(given: string, name: string): Promise<DemoDatabase> {
  if (given) {
    await migrate(given)
    const { host, pathname } = new URL(given)
    return { url: given, description: `${host}${pathname}, from DATABASE_URL` }
  }
  const postgres = await startPostgres({ port: ports.database, directory: join(root, folder) })
  const url = await postgres.createDatabase(name)
  await migrate(url)
  return {
    url,
    ended: postgres.ended,
    description: `localhost:${postgres.port}/${name}, with its data in ${folder}. Delete the folder to empty it.`,
  }
}

/** Adds the demo users to the tables of the in-house login. */
export async function addInHouseDemoUsers(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await addInHouseUsers(client)
  await client.end()
}
