import type pg from 'pg'

/** What decides whether the app can use a database. */
export type DatabaseFacts = {
  /** Time of the newest applied migration, in milliseconds since 1970. Null when there is none. */
  newest: number | null
  /** The statement_timeout of the role in milliseconds. 0 is no timeout. */
  timeout: number
  /** The names of the role and the database, quoted for SQL. */
  role: string
  name: string
}

/** Postgres's codes for an undefined table and an undefined schema. */
const missing = ['42P01', '3F000']

/** Reads the facts, in one query if the database has migrations. @throws driver errors */
export async function readDatabaseFacts(db: Pick<pg.Pool, 'query'>): Promise<DatabaseFacts> {
  const read = async (newest: string): Promise<DatabaseFacts> => {
    const { rows } = await db.query<DatabaseFacts>(
      `select ${newest}::float8 as newest,
        (select setting from pg_settings where name = 'statement_timeout')::int as timeout,
        quote_ident(current_user) as role, quote_ident(current_database()) as name`,
    )
    return rows[0] as DatabaseFacts
  }
  try {
    return await read('(select max(created_at) from drizzle.__drizzle_migrations)')
  } catch (error) {
    if (!missing.includes((error as { code?: string }).code ?? '')) throw error
    return read('null')
  }
}
