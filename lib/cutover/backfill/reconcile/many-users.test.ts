import { sql } from 'drizzle-orm'
import { beforeAll, expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import type { Database } from '../../../db/database'
import { openTestDatabase } from '../../../db/testing'
import { compareSides } from './compare'

/** A comparison that reads the tables again for each user reaches the time-out of a statement. */

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
})

async function haveSides(id: string, side: 'source' | 'stytch', count: number): Promise<void> {
  await db.execute(sql`
    insert into backfill_sides
      (reconcile_id, side, subject, stytch_user_id, address_key, is_verified, is_blocked)
    select ${id}, ${side}, 'auth0|' || number,
      case when ${side} = 'stytch' then 'user-' || number end, number::text, true, false
    from generate_series(1, ${count}) number`)
}

it('many users are compared within the time-out of a statement', async () => {
  // Postgres has statistics of an earlier comparison only.
  await haveSides('earlier', 'source', 1_000)
  await db.execute(sql`analyze backfill_sides`)
  await db.execute(sql`delete from backfill_sides`)
  await haveSides('this', 'source', 500)
  await haveSides('this', 'stytch', 20_000)
  const counts: Record<string, number> = {}
  for await (const { code } of compareSides('this', 'run_1')) {
    counts[code] = (counts[code] ?? 0) + 1
  }
  expect(counts).toEqual({ account_without_identity: 500, only_at_stytch: 19_500 })
})
