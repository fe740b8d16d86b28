import pg from 'pg'

/** A Postgres that runs, ours or somebody else's, as those use it who need databases on it. */
export type PostgresServer = {
  /** Address of a database, as in DATABASE_URL. Default: the one that `postgresAt` was given. */
  url(database?: string): string
  /**
   * Creates a database, from a copy of `template` if one is named: its tables, rows and settings. Nobody may be
   * connected to a template. Takes about 30 ms. A database of that name that exists already is kept as it is.
   * @returns its address
   */
  createDatabase(name: string, template?: string): Promise<string>
  /** Drops every database whose name begins so, and cuts whoever is connected. */
  dropDatabases(prefix: string): Promise<void>
}

/** @param url of one of its databases, with a role that may create others */
export function postgresAt(url: string): PostgresServer {
  const address = (database?: string): string => {
    const changed = new URL(url)
    if (database !== undefined) changed.pathname = `/${encodeURIComponent(database)}`
    return changed.href
  }
  return {
    url: address,
    async createDatabase(name, template = 'template1') {
      await withClient(url, async (client) => {
        const isThere = await client.query('select from pg_database where datname = $1', [name])
        if (isThere.rowCount) return
        const [created, copied] = [name, template].map((each) => client.escapeIdentifier(each))
        await client.query(`create database ${created} template ${copied}`)
        await copySettings(client, template, name)
      })
      return address(name)
    },
    async dropDatabases(prefix) {
      await withClient(url, async (client) => {
        const { rows } = await client.query(
          'select datname from pg_database where starts_with(datname, $1)',
          [prefix],
        )
        for (const { datname } of rows) {
          await client.query(`drop database ${client.escapeIdentifier(datname)} with (force)`)
        }
      })
    },
  }
}

/** What roles have set for the one database. Postgres itself leaves this out of a copy. */
async function copySettings(client: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await client.query<{ role: string; name: string; value: string }>(
    `select quote_ident(rolname) as role, split_part(entry, '=', 1) as name,
      quote_literal(substr(entry, strpos(entry, '=') + 1)) as value
    from pg_db_role_setting
      join pg_database on pg_database.oid = setdatabase
      join pg_roles on pg_roles.oid = setrole
      cross join unnest(setconfig) as entry
    where datname = $1`,
    [from],
  )
  const database = client.escapeIdentifier(to)
  for (const { role, name, value } of rows) {
    await client.query(`alter role ${role} in database ${database} set ${name} = ${value}`)
  }
}

/** Connects for as long as `use` takes. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // A connection that is cut is reported here too, and would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}
