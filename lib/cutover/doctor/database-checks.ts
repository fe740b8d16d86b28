import pg from 'pg'
import { type DatabaseFacts, readDatabaseFacts } from '../../db/facts'
import { isBounded, statementMilliseconds } from '../../db/limits'
import journal from '../../db/migrations/meta/_journal.json' with { type: 'json' }
import { type Check, ok, problem, unchecked } from './finding'

type Reading = { facts: DatabaseFacts } | { failure: string }

/** Checks of the database. They only read. */
export function databaseChecks(url: string): Check[] {
  let reading: Promise<Reading> | undefined
  const read = () => {
    reading ??= readFacts(url)
    return reading
  }
  return [
    {
      code: 'database',
      async run() {
        const found = await read()
        if ('facts' in found) return ok(`Database ${found.facts.name}, role ${found.facts.role}`)
        return problem(`The database does not answer (${found.failure}).`, 'DATABASE_URL')
      },
    },
    {
      code: 'database_migrations',
      async run() {
        const found = await read()
        if ('failure' in found) return unchecked('The database does not answer.', 'DATABASE_URL')
        const wanted = journal.entries.at(-1)?.when ?? 0
        if ((found.facts.newest ?? 0) >= wanted) return ok('The tables are up to date.')
        return problem(
          'The tables are missing, or older than this version of the app.',
          'npm run db:migrate',
        )
      },
    },
    {
      code: 'database_timeout',
      async run() {
        const found = await read()
        if ('failure' in found) return unchecked('The database does not answer.', 'DATABASE_URL')
        const { timeout, role, name } = found.facts
        if (isBounded(timeout)) return ok(`statement_timeout is ${timeout} ms.`)
        return problem(
          `The role ${role} has no statement_timeout, or one that is too long.`,
          `npm run db:migrate, or ALTER ROLE ${role} IN DATABASE ${name} SET statement_timeout = ${statementMilliseconds}`,
        )
      },
    },
  ]
}

async function readFacts(url: string): Promise<Reading> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return { facts: await readDatabaseFacts(client) }
  } catch (error) {
    // The message may repeat the address, which holds the password.
    const { code, name } = error as Error & { code?: string }
    return { failure: code ?? name }
  } finally {
    await client.end().catch(() => {})
  }
}
