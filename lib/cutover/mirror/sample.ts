import 'server-only'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { mirrorSamples } from '../schema'
import { mirrorStatus } from './status'

const minute = 60_000

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
  sampled.value = at
}
