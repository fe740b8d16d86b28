import 'server-only'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { config } from '../config'
import { perProcess } from '../per-process'
import { type CircuitState, createCircuitBreaker } from './circuit-breaker'
import { readDatabaseFacts } from './facts'
import { isBounded, queryMilliseconds, statementMilliseconds } from './limits'
import journal from './migrations/meta/_journal.json'

/** Leaves out Drizzle's own transactions, because {@link inTransaction} replaces them. */
export type Database = Omit<NodePgDatabase, 'transaction'>

/** The database does not answer. Callers report that, and serve everything that needs no database. */
export class DatabaseUnavailable extends Error {
  readonly code: string = 'database_unavailable'
  constructor(
    cause: unknown,
    message = 'The database cannot be reached. Check DATABASE_URL and that the server runs.',
  ) {
    super(message, { cause })
    this.name = 'DatabaseUnavailable'
  }
}

/** The database answers, but is not set up for this version of the app. The message says what to do. */
export class DatabaseOutdated extends DatabaseUnavailable {
  override readonly code = 'database_outdated'
  constructor(message: string, cause?: unknown) {
    super(cause, message)
    this.name = 'DatabaseOutdated'
  }
}

/** The database did not answer a moment ago, so nobody waits for it now. */
export class DatabaseCircuitOpen extends DatabaseUnavailable {
  override readonly code = 'database_circuit_open'
  constructor() {
    super(
      undefined,
      'The database did not answer several times. The app tries again in the background.',
    )
    this.name = 'DatabaseCircuitOpen'
  }
}

type Open = { db: Database; pool: pg.Pool }

/**
 * Opens a pool of connections that also works behind PgBouncer in transaction mode. Therefore the app uses no
 * startup parameters, no session locks and no named prepared statements.
 *
 * @throws {DatabaseOutdated}
 */
export async function openDatabase(url: string): Promise<Open> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    // A page must not wait for an unavailable database.
    connectionTimeoutMillis: 2_000,
    query_timeout: queryMilliseconds,
  })
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown
  // Drizzle and the queue use the form that returns a promise.
  pool.query = ((...args: unknown[]) => {
    const answer = query(...args)
    return answer instanceof Promise ? circuit.value.watch(answer) : answer
  }) as typeof pool.query
  // The pool emits this for idle connections that break. Without a listener, the error would end the process.
  pool.on('error', (error) => console.error(`database: an idle connection broke: ${error.message}`))
  try {
    await check(pool)
  } catch (error) {
    await pool.end().catch(() => undefined)
    throw error
  }
  return { db: drizzle(pool), pool }
}

async function check(pool: pg.Pool): Promise<void> {
  const facts = await readDatabaseFacts(pool)
  const wanted = journal.entries.at(-1)?.when ?? 0
  if (!facts.newest || facts.newest < wanted) {
    throw new DatabaseOutdated(
      'The tables of the database are missing, or older than this version of the app. Run `npm run db:migrate`.',
    )
  }
  // Without a timeout, the server could still run a statement after the app has reported it as failed.
  if (!isBounded(facts.timeout)) {
    throw new DatabaseOutdated(
      `The role ${facts.role} has no statement_timeout, or one that is too long. Run \`npm run db:migrate\` as this role, or in SQL: ALTER ROLE ${facts.role} IN DATABASE ${facts.name} SET statement_timeout = ${statementMilliseconds}`,
    )
  }
}

const opened = perProcess<Promise<Open> | undefined>('database', () => undefined)
/** Without it, each page would wait for a database that hangs. */
const circuit = perProcess('database-circuit', () =>
  createCircuitBreaker({
    probe: async () => (await reopen()).pool.query('select 1'),
    isAnswer: (error) => error instanceof pg.DatabaseError || error instanceof DatabaseOutdated,
    onChange: (state) => console.error(`database: the circuit breaker is ${state}`),
  }),
)
export const databaseCircuit = (): CircuitState => circuit.value.state

const told = perProcess('database-outdated', () => new Set<string>())

function open(): Promise<Open> {
  if (circuit.value.state !== 'closed') return Promise.reject(new DatabaseCircuitOpen())
  return reopen()
}

function reopen(): Promise<Open> {
  opened.value ??= circuit.value
    .watch(openDatabase(config().databaseUrl))
    .catch((error: unknown) => {
      opened.value = undefined
      if (!(error instanceof DatabaseOutdated)) throw new DatabaseUnavailable(error)
      // Every request meets this error, so it is logged only once.
      if (!told.value.has(error.message)) console.error(`database: ${error.message}`)
      told.value.add(error.message)
      throw error
    })
  return opened.value
}

/**
 * Opens the database at `DATABASE_URL` on first use. After a failure, the next caller tries again.
 * @throws {DatabaseUnavailable}
 */
export const database = async (): Promise<Database> => (await open()).db

/** The connections of {@link database}, for a library that brings its own SQL. @throws {DatabaseUnavailable} */
export const databasePool = async (): Promise<pg.Pool> => (await open()).pool

/**
 * Runs `work` in one transaction. After a failure it closes the connection, so that the server rolls back.
 * Drizzle would put the connection back into the pool. The next transaction on it would then commit this one too.
 *
 * @throws {DatabaseUnavailable}, driver errors, and what `work` throws
 */
export async function inTransaction<T>(work: (tx: Database) => Promise<T>): Promise<T> {
  const pool = await databasePool()
  const client = await circuit.value.watch(pool.connect())
  // The pool does not listen to a connection in use. The next statement reports that the connection broke.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    await circuit.value.watch(client.query('begin'))
    const result = await work(drizzle(client))
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back.')
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  } finally {
    client.off('error', ignore)
  }
}

/** Only for tests: use this database instead of the configured one. */
export function replaceDatabase(replacement: Open): void {
  opened.value = Promise.resolve(replacement)
}
