import { sql } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import { policies } from '../cutover/schema'
import { type Database, inTransaction, openDatabase } from './database'
import { createTestDatabase, openTestDatabase } from './testing'

let db: Database
/** A second connection, which lists and ends the connections of the app. */
let admin: pg.Client

beforeAll(async () => {
  db = await openTestDatabase()
  const { rows } = await db.execute<{ name: string }>(sql`select current_database() as name`)
  admin = new pg.Client(postgresAt(inject('postgres').url).url(rows[0]?.name))
  await admin.connect()
})

afterAll(async () => {
  await admin.end()
})

const policy = (version: number) => ({ version, document: {}, author: 'ada@example.com' })
const versions = async () => (await db.select().from(policies)).map(({ version }) => version)

describe('a database that is not set up for this version', () => {
  const refusal = (url: string) =>
    openDatabase(url).then(
      () => null,
      ({ code, message }) => ({ code, message }),
    )

  it('is refused without tables, and the message says what to do', async () => {
    const { url, template } = inject('postgres')
    const empty = await postgresAt(url).createDatabase(template.replace('template', 'empty'))
    expect(await refusal(empty)).toEqual({
      code: 'database_outdated',
      message:
        'The tables of the database are missing, or older than this version of the app. Run `npm run db:migrate`.',
    })
  })

  it('is refused when a migration is missing, and accepted when it has a newer one', async () => {
    const url = await createTestDatabase()
    const client = new pg.Client(url)
    await client.connect()
    const journal = 'drizzle.__drizzle_migrations'
    await client.query(`insert into ${journal} (hash, created_at) values ('newer', 9e12)`)
    expect(await refusal(url)).toBeNull()
    await client.query(`delete from ${journal} where id > (select max(id) - 2 from ${journal})`)
    expect(await refusal(url)).toMatchObject({ code: 'database_outdated' })
    await client.end()
  })

  it.each([0, 60_000])(
    'is refused when a statement may run for %i ms, since the server could still write after the app gave up',
    async (milliseconds) => {
      const url = await createTestDatabase()
      const client = new pg.Client(url)
      await client.connect()
      const { rows } = await client.query('select current_database() as name')
      const alter = `alter role postgres in database "${rows[0].name}" set statement_timeout`
      await client.query(`${alter} = ${milliseconds}`)
      expect(await refusal(url)).toMatchObject({
        code: 'database_outdated',
        message: expect.stringContaining(
          `ALTER ROLE postgres IN DATABASE "${rows[0].name}" SET statement_timeout = 2500`,
        ),
      })
      await client.end()
    },
  )

  it('causes another error when it cannot be reached', async () => {
    const closed = new URL(await createTestDatabase())
    closed.port = '1'
    expect(await refusal(closed.href)).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('a transaction', () => {
  it('writes all, or nothing when it fails', async () => {
    await inTransaction(async (tx) => {
      await tx.insert(policies).values(policy(1))
      await tx.insert(policies).values(policy(2))
    })
    const failed = inTransaction(async (tx) => {
      await tx.insert(policies).values(policy(3))
      throw new Error('changed our mind')
    })
    await expect(failed).rejects.toThrow('changed our mind')
    expect(await versions()).toEqual([1, 2])
  })

  it('fails when one of its statements failed, though `work` caught the error', async () => {
    const work = inTransaction(async (tx) => {
      await tx.insert(policies).values(policy(4))
      await tx.execute(sql`select nonsense`).catch(() => undefined)
    })
    await expect(work).rejects.toThrow('The transaction was rolled back.')
    expect(await versions()).not.toContain(4)
  })

  it('leaves no open transaction to the next one when the server does not answer', async () => {
    // The app's timeout is shorter here than the server's, so the app does not know the state of the connection.
    await admin.query('begin')
    await admin.query('lock table policies')
    const stuck = Promise.all(
      // One failed transaction for each connection of the pool.
      Array.from({ length: 10 }, (_, n) =>
        inTransaction(async (tx) => {
          await tx.execute(sql`set local statement_timeout = 0`)
          await tx.insert(policies).values(policy(200 + n))
        }).catch((error: Error) => error.message),
      ),
    )
    await stuck
    await admin.query('commit')
    await inTransaction((tx) => tx.insert(policies).values(policy(5)))
    expect((await versions()).filter((version) => version >= 200)).toEqual([])
  })

  it('survives a connection that breaks between two statements', async () => {
    const work = inTransaction(async (tx) => {
      await tx.insert(policies).values(policy(6))
      const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
      await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid])
      await expect
        .poll(async () => {
          const left = 'select from pg_stat_activity where pid = $1'
          return (await admin.query(left, [rows[0]?.pid])).rowCount
        })
        .toBe(0)
      await tx.insert(policies).values(policy(7))
    })
    await expect(work).rejects.toThrow()
    expect(await versions()).not.toContain(6)
  })
})
