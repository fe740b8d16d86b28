import 'server-only'
import { lt } from 'drizzle-orm'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { mirrorSamples } from '../schema'
import { mirrorStatus } from './status'

const minute = 60_000
/** How long samples are kept: the longest chart shows a week. In milliseconds. */
const kept = 8 * 24 * 60 * minute

const sampled = perProcess('mirror-sample', () => Number.NEGATIVE_INFINITY)

/**
 * Stores the number of waiting and dead jobs, once a minute over all instances. Stores nothing while the mirror
 * is off.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function sampleMirror(now: Date): Promise<void> {
  const at = Math.floor(now.getTime() / minute) * minute
  if (sampled.value === at) return
  const { on, pending, retrying, dead } = await mirrorStatus()
  if (!on) return
  const db = await database()
  await db
    .insert(mirrorSamples)
    .values({ at: new Date(at), waiting: pending + retrying, dead })
    .onConflictDoNothing()
  await db.delete(mirrorSamples).where(lt(mirrorSamples.at, new Date(at - kept)))
  sampled.value = at
}
