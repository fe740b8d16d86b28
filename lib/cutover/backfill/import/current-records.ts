import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import { legacyRecords } from '../../../legacy/configured-records'
import type { LegacyRecord } from '../../../legacy/record'
import { ProviderFailure } from '../../../provider-failure'
import { BackfillRefused } from './backfill-refused'

/** Reads a user's record at the legacy provider as it is now. Null if it was deleted. */
export type CurrentRecords = (subject: string) => Promise<LegacyRecord | null>

/** How long the first row of a call waits for others, so that an import makes about three calls a second. */
const gatherMilliseconds = 200
/** Ids in one query. More would make the URL too long. */
const batchSize = 50
/** Beyond this number, a process that finds fewer than half of the users does not believe it. */
const believableMissing = 10
/** Without a time from the legacy provider, and at most. In milliseconds. */
const [shortestPause, longestPause] = [1_000, 60_000]

type Options = {
  find?: (subjects: string[]) => Promise<LegacyRecord[]>
  gather?: () => Promise<unknown>
  wait?: (milliseconds: number) => Promise<unknown>
  signal?: AbortSignal
}
type Waiting = {
  subject: string
  resolve: (record: LegacyRecord | null) => void
  reject: (error: unknown) => void
}

/**
 * Looks up the records of all waiting rows by one call, since Auth0 allows fewer calls a second than an import has rows.
 * An answer 429 pauses the look-ups, and counts as no attempt of a row.
 * @returns a function that throws {BackfillRefused | LegacyRefusal | ProviderFailure}
 */
export function createRecordReader({
  find = (subjects) => legacyRecords().findRecords(subjects),
  signal,
  gather = () => delay(gatherMilliseconds),
  wait = (milliseconds) => delay(milliseconds, undefined, { signal }),
}: Options = {}): CurrentRecords {
  const queue: Waiting[] = []
  let isReading = false
  let [lookedUp, missing] = [0, 0]

  async function readBatch(subjects: string[]): Promise<Map<string, LegacyRecord>> {
    for (;;) {
      try {
        const found = new Map((await find(subjects)).map((record) => [record.id, record]))
        lookedUp += subjects.length
        missing += subjects.filter((subject) => !found.has(subject)).length
        if (missing > believableMissing && missing > lookedUp / 2) {
          throw new BackfillRefused('users_missing')
        }
        return found
      } catch (error) {
        if (!(error instanceof ProviderFailure) || error.code !== 'rate_limited') throw error
        const left = (error.retryAt?.getTime() ?? 0) - Date.now()
        await wait(Math.min(Math.max(left, shortestPause), longestPause))
      }
    }
  }

  async function readQueue(): Promise<void> {
    isReading = true
    while (queue.length > 0) {
      if (queue.length < batchSize) await gather()
      const batch = queue.splice(0, batchSize)
      try {
        const found = await readBatch(batch.map(({ subject }) => subject))
        for (const { subject, resolve } of batch) resolve(found.get(subject) ?? null)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isReading = false
  }

  return (subject) =>
    new Promise((resolve, reject) => {
      queue.push({ subject, resolve, reject })
      if (!isReading) void readQueue()
    })
}
