import { join } from 'node:path'
import { migrate } from '../lib/server/migrate-database.ts'
import { startPostgres } from './postgres.ts'
import { root } from './processes.ts'
import { ports } from './settings.ts'

export type DemoDatabase = {
  url: string
  /** For the terminal. Without a password. */
  description: string
  /** Of the embedded one: when it ends. */
  ended?: Promise<number>
}

const folder = '.data/postgres'

/**
 * The database of the demo, with its tables up to date: the one that `given` names, else an embedded one that
 * keeps its data in a local folder.
 * @param given as DATABASE_URL; empty for the embedded one
 * @param name of the embedded one: what belongs to the stand-ins and what belongs to real keys must not mix
 */
export async function openDemoDatabase(given: string, name: string): Promise<DemoDatabase> {
  if (given) {
    await migrate(given)
    const { host, pathname } = new URL(given)
    return { url: given, description: `${host}${pathname}, as DATABASE_URL says` }
  }
  const postgres = await startPostgres({ port: ports.database, directory: join(root, folder) })
  const url = await postgres.createDatabase(name)
  await migrate(url)
  return {
    url,
    ended: postgres.ended,
    description: `localhost:${postgres.port}/${name}, kept in ${folder}: delete that folder to start anew`,
  }
}
