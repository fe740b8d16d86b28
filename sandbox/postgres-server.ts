import pg from 'pg'

/** A running Postgres, embedded or not, on which the demo and the tests create databases. */
export type PostgresServer = {
  /** The URL of a database. The default is the database in the URL that `postgresAt` got. */
  url(database?: string): string
  /**
   * Creates a database, or keeps an existing one of this name. A new one has the tables, rows and settings of
   * `template`. No client may be connected to the template. A copy takes about 30 ms.
   * @returns the URL of the database
   */
  createDatabase(name: string, template?: string): Promise<string>
  /** Drops every database whose name has the prefix, and closes the connections to it. */
  dropDatabases(prefix: string): Promise<void>
}

/** @param url the URL of one database, with a role that may create others */
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

/** Copies the settings of roles in a database, because Postgres leaves them out of a copy. */
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

/** Connects, calls `use` and disconnects. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // Without a listener, the event of a closed connection would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}
