import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openAccount } from '../lib/account/account'
import { takeClaim } from '../lib/cutover/migration/claim'
import { enqueue, queue } from '../lib/cutover/mirror/queue'
import { mirrorQueue } from '../lib/cutover/mirror/queue-names'
import { beforeTheMigration } from '../lib/cutover/policy/document'
import { appendPolicy } from '../lib/cutover/policy/store'
import { type Database, inTransaction, openDatabase, replaceDatabase } from '../lib/db/database'
import { migrateDatabase } from '../lib/db/migrate'
import { accounts, notes } from '../lib/db/schema'
import { createTestDatabase } from '../lib/db/testing'
import { freePort } from '../sandbox/free-port.ts'
import { startChild, stopAll } from '../sandbox/processes.ts'
import { appEnvironment } from '../sandbox/settings.ts'

/** Debian's PgBouncer. It opens fewer connections to Postgres than the app opens to it. */
const program = '/usr/sbin/pgbouncer'
const isInstalled = existsSync(program)
if (!isInstalled) console.warn(`Skipped: PgBouncer is not installed (${program}).`)

const serverConnections = 3

describe.skipIf(!isInstalled)('behind PgBouncer in transaction mode', () => {
  let folder: string
  let db: Database
  let pool: pg.Pool
  /** Connects to Postgres without PgBouncer. */
  let direct: pg.Client
  let throughBouncer: string

  beforeAll(async () => {
    Object.assign(process.env, appEnvironment)
    const url = new URL(await createTestDatabase())
    direct = new pg.Client(url.href)
    await direct.connect()
    const port = await freePort()
    folder = mkdtempSync(join(tmpdir(), 'cutover-pgbouncer-'))
    writeFileSync(join(folder, 'users'), `"${url.username}" "${url.password}"\n`)
    writeFileSync(
      join(folder, 'ini'),
      `[databases]
* = host=127.0.0.1 port=${url.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users')}
pool_mode = transaction
default_pool_size = ${serverConnections}
`,
    )
    // PgBouncer refuses to run as root.
    const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
    const child = startChild('pgbouncer', program, [...asUser, join(folder, 'ini')])
    url.hostname = '127.0.0.1'
    url.port = String(port)
    throughBouncer = url.href
    await vi.waitFor(async () => expect(await isReachable(), child.output()).toBe(true), {
      timeout: 10_000,
    })
    const opened = await openDatabase(throughBouncer)
    ;({ db, pool } = opened)
    replaceDatabase(opened)
  })

  afterAll(async () => {
    await pool?.end()
    await direct.end()
    await stopAll()
    rmSync(folder, { recursive: true })
  })

  const isReachable = async (): Promise<boolean> => {
    const client = new pg.Client(throughBouncer)
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end()
    }
  }

  it('all writes of the app succeed, thirty at once over three connections', async () => {
    const times = Array.from({ length: 30 }, (_, index) => index)
    const now = new Date()
    const results = await Promise.all(
      times.map(async (index) => {
        const key = `session-${index % 10}`
        const [claim, account] = await Promise.all([
          takeClaim({ sessionKey: key, tokenKey: key }, now),
          openAccount({
            issuer: index % 2 ? 'https://legacy.example/' : 'stytch.com/project-test-1',
            subject: `subject-${index % 10}`,
            email: `person-${index % 5}@example.com`,
            name: 'Ada',
            isCurrent: true,
            session: { key: 'session', startedAt: now },
            proof: { by: 'session', at: now },
          }),
          appendPolicy(beforeTheMigration, 'ada@example.com', null).catch(() => null),
        ])
        return { claim: claim.state, account: account.id }
      }),
    )
    expect(results.filter(({ claim }) => claim === 'taken')).toHaveLength(10)
    expect(new Set(results.map(({ account }) => account)).size).toBe(5)
    const { rows } = await direct.query(
      'select count(*)::int as count from pg_stat_activity where datname = current_database()',
    )
    expect(rows[0].count).toBeLessThanOrEqual(serverConnections + 1)
  })

  it('the queue of the mirror stores a job in a transaction, and returns it', async () => {
    const boss = await queue()
    const job = { accountId: 'acct_1', userId: 'user-1', change: 'born' as const }
    await inTransaction((tx) => enqueue(boss, tx, job))
    await boss.supervise()
    expect(await boss.fetch(mirrorQueue)).toMatchObject([{ data: job }])
  })

  it('Postgres does not run a write after its timeout in the app', async () => {
    const [account] = await db.select().from(accounts)
    await direct.query('begin')
    await direct.query('lock table notes')
    const write = db
      .insert(notes)
      .values({ id: 'late', accountId: account?.id ?? '', text: 'late' })
    await expect(write).rejects.toMatchObject({ cause: { code: '57014' } })
    await direct.query('commit')
    expect(await db.select().from(notes)).toEqual([])
  })

  it('Postgres rolls back a transaction that throws', async () => {
    const [account] = await db.select().from(accounts)
    const work = inTransaction(async (tx) => {
      await tx.insert(notes).values({ id: 'gone', accountId: account?.id ?? '', text: 'gone' })
      throw new Error('gone')
    })
    await expect(work).rejects.toThrow('gone')
    expect(await db.select().from(notes)).toEqual([])
  })

  it('the app leaves no lock, setting or statement on a shared connection', async () => {
    const { rows } = await direct.query(
      `select count(*)::int as count from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    )
    expect(rows[0].count).toBe(0)
    // All transactions are open at once, so that each one checks another connection.
    const left = await Promise.all(
      Array.from({ length: serverConnections }, () =>
        inTransaction(async (tx) => {
          await tx.execute(sql`select pg_sleep(0.05)`)
          const settings = await tx.execute(
            sql`select name from pg_settings where source = 'session' and name not in ('application_name', 'client_encoding')`,
          )
          const statements = await tx.execute(sql`select name from pg_prepared_statements`)
          return [...settings.rows, ...statements.rows]
        }),
      ),
    )
    expect(left.flat()).toEqual([])
  })

  it('npm run db:migrate refuses, since PgBouncer does not keep its session lock', async () => {
    await expect(migrateDatabase(throughBouncer)).rejects.toMatchObject({ code: '08P01' })
  })
})
