import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq, getTableName, is, lt, sql } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { NextRequest } from 'next/server'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GET } from '../../app/(cutover)/api/cron/mirror/route'
import { appEnvironment } from '../../sandbox/settings.ts'
import { type Database, inTransaction } from '../db/database'
import * as product from '../db/schema'
import { openTestDatabase } from '../db/testing'
import * as team from '../team/schema'
import * as backfillImport from './backfill/import/schema'
import * as reconcile from './backfill/reconcile/schema'
import * as backfill from './backfill/schema'
import { runWorker } from './mirror/worker'
import { oldRows, prune, retention } from './retention'
import * as migration from './schema'

const { accounts } = product
const { claims, events, laneCounts, mirrorPasswords, mirrorSamples, sightings } = migration

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
})
beforeEach(async () => {
  await db.execute(
    sql`truncate accounts, claims, events, lane_counts, mirror_samples, sightings cascade`,
  )
})

const now = new Date('2026-06-01T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60 * 1_000)

describe('prune', () => {
  it('deletes claims after 400 days, which no legacy session outlives', async () => {
    await db.insert(claims).values(
      [399, 401].map((days) => ({
        sessionKey: `${days}`,
        tokenKey: `token-${days}`,
        state: 'ended' as const,
        holder: 'nobody',
        leaseEndsAt: daysAgo(days),
        updatedAt: daysAgo(days),
      })),
    )
    await prune(now)
    expect((await db.select().from(claims)).map(({ sessionKey }) => sessionKey)).toEqual(['399'])
  })

  it('deletes events after 100 days, but no sign-up while the mirror was off', async () => {
    const event = (days: number, kind: string, result: string, accountId: string | null) => ({
      at: daysAgo(days),
      kind,
      accountId,
      lane: 'stytch',
      result,
      reason: `${days}`,
      milliseconds: 0,
    })
    await db
      .insert(events)
      .values([
        event(99, 'migration', 'migrated', 'acct_1'),
        event(101, 'migration', 'migrated', 'acct_1'),
        event(101, 'mirror', 'off', null),
        event(500, 'mirror', 'off', 'acct_2'),
      ])
    await prune(now)
    expect((await db.select().from(events)).map(({ kind, reason }) => [kind, reason])).toEqual([
      ['migration', '99'],
      ['mirror', '500'],
    ])
  })

  it('deletes sightings and counts when no check or chart reads them any more', async () => {
    await db.insert(sightings).values(
      [99, 101].map((days) => ({
        sessionKey: `${days}`,
        lane: 'legacy' as const,
        firstSeen: daysAgo(150),
        lastSeen: daysAgo(days),
      })),
    )
    await db.insert(laneCounts).values(
      (['minute', 'hour'] as const).flatMap((resolution) =>
        [7, 9, 99, 101].map((days) => ({
          resolution,
          at: daysAgo(days),
          lane: 'legacy' as const,
          sessions: days,
        })),
      ),
    )
    await db
      .insert(mirrorSamples)
      .values([7, 9].map((days) => ({ at: daysAgo(days), waiting: days, dead: 0 })))
    await prune(now)
    expect((await db.select().from(sightings)).map(({ sessionKey }) => sessionKey)).toEqual(['99'])
    const left = await db.select().from(laneCounts)
    expect(left.map(({ resolution, sessions }) => `${resolution} ${sessions}`).sort()).toEqual([
      'hour 7',
      'hour 9',
      'hour 99',
      'minute 7',
    ])
    expect((await db.select().from(mirrorSamples)).map(({ waiting }) => waiting)).toEqual([7])
  })

  it('deletes passwords that waited for a day, also while the mirror is off', async () => {
    const account = { id: 'acct_1', email: 'ada@example.com', emailVerified: true, name: 'Ada' }
    await db.insert(accounts).values(account)
    await db.insert(mirrorPasswords).values({
      accountId: account.id,
      sealed: 'sealed',
      expiresAt: daysAgo(1),
      forNewRecord: true,
      version: '1',
    })
    await prune(now)
    expect(await db.select().from(mirrorPasswords)).toMatchObject([{ sealed: null }])
  })

  it('deletes in batches until no old row is left, and stops at its deadline', async () => {
    await db.execute(sql`
      insert into sightings (session_key, lane, first_seen, last_seen)
      select 'key-' || n, 'legacy', '2020-01-01', '2020-01-01' from generate_series(1, 25) n`)
    expect(await prune(now, new Date(Date.now() - 1), 10)).toBe(0)
    expect(await prune(now, undefined, 10)).toBe(25)
    expect(await db.$count(sightings)).toBe(0)
  })

  it('does not wait for rows that another instance is deleting', async () => {
    await db.execute(sql`
      insert into sightings (session_key, lane, first_seen, last_seen)
      select 'key-' || n, 'legacy', '2020-01-01', '2020-01-01' from generate_series(1, 25) n`)
    await inTransaction(async (tx) => {
      await tx.delete(sightings).where(eq(sightings.sessionKey, 'key-7'))
      expect(await prune(now, undefined, 10)).toBe(24)
    })
    expect(await db.$count(sightings)).toBe(0)
  })
})

describe('old rows', () => {
  const insertOld = () =>
    db.insert(mirrorSamples).values({ at: new Date('2020-01-01'), waiting: 0, dead: 0 })
  const left = () => db.$count(mirrorSamples, lt(mirrorSamples.at, daysAgo(0)))

  it('are deleted by each server, also while the mirror is off', async () => {
    await insertOld()
    const worker = runWorker(false)
    await expect.poll(left).toBe(0)
    await worker.stop()
  })

  it('are deleted by the cron job on serverless hosting', async () => {
    await insertOld()
    const headers = { authorization: `Bearer ${appEnvironment.CRON_SECRET}` }
    const { status } = await GET(new NextRequest('http://localhost/api/cron/mirror', { headers }))
    expect(status).toBe(200)
    expect(await left()).toBe(0)
  })
})

const kept = (days: number | null): string => {
  if (days === null) return 'until deleted'
  if (days === 0) return 'until expired'
  return days === 1 ? '1 day' : `${days} days`
}

describe('the retention rules', () => {
  it('equal the table of docs/retention.md', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/retention.md'), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    expect(rows).toEqual(
      retention.map(
        ({ table, rows = 'all', days, why }) =>
          `| \`${table}\` | ${rows} | ${kept(days)} | ${why} |`,
      ),
    )
  })

  it('name every table of the schema', () => {
    const schemas = [product, team, migration, backfill, backfillImport, reconcile]
    const tables = schemas.flatMap((schema) =>
      Object.values(schema).filter((each) => is(each, PgTable)),
    )
    expect(tables.length).toBeGreaterThan(5)
    const named = retention.map(({ table }) => table)
    for (const table of tables) expect(named).toContain(getTableName(table))
  })

  it.each(retention.filter(({ age }) => age))(
    'find the old rows of $table by an index, so that a large table is not read in full',
    async (rule) => {
      const plan = await inTransaction(async (tx) => {
        // Postgres would otherwise read a small table in full.
        await tx.execute(sql`set local enable_seqscan = off`)
        return tx.execute(sql`explain ${oldRows(rule, now, 1_000)}`)
      })
      expect(JSON.stringify(plan.rows)).toMatch(/Index (Only )?Scan/)
      expect(JSON.stringify(plan.rows)).not.toContain('Seq Scan')
    },
  )
})
