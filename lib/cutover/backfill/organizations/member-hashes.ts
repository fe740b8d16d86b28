import 'server-only'
import { eq, sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import { auth0Config } from '../../../legacy/config'
import { externalIdOf } from '../../migration/external-id'
import { BackfillRefused } from '../import/backfill-refused'
import type { BackfillRun } from '../import/backfill-run'
import type { ClaimedRow } from '../import/rows'
import { backfillRuns } from '../schema'
import { digestOf, openHashes, unpack } from '../source/source-file'
import type { SourceHash } from '../source/source-user'
import { membershipOfRow } from './organizations-run'

/** The password hashes of members, in the file that Auth0's support sends. */
export type MemberHashes = {
  /** Null for a member without a usable hash. */
  read: (row: ClaimedRow) => Promise<SourceHash | null>
  close: () => Promise<void>
}

/** Lines that one statement joins with the rows. */
const batchSize = 5_000
/** The place of a subject that has two hashes. Nobody knows which one is the user's. */
const ambiguous = -1

/**
 * Writes the place of each hash into the rows of its subject, and opens the file. A run that is resumed has its file.
 * @param given the path of `--hashes`, or null
 * @param folder where a packed file is unpacked
 * @throws {BackfillRefused | SourceFileRefused}
 */
export async function openMemberHashes(
  run: BackfillRun,
  given: string | null,
  folder: string,
): Promise<MemberHashes | null> {
  const path = given ?? run.hashesFile
  if (path === null) return null
  const digest = await digestOf(path)
  if (run.hashesDigest !== null && run.hashesDigest !== digest) {
    // Other processes may be reading the places of the former file.
    if (run.state === 'running') throw new BackfillRefused('hashes_changed')
    await forgetPlaces(run.id)
  }
  const hashesFile = await unpack(path, digest, folder)
  const db = await database()
  await db
    .update(backfillRuns)
    .set({ hashesFile, hashesDigest: digest })
    .where(eq(backfillRuns.id, run.id))
  await writePlaces(run.id, hashesFile)
  const file = await openHashes(hashesFile)
  return {
    close: () => file.close(),
    async read({ subject: row, hashOffset, hashLength }) {
      if (hashOffset === null || hashOffset === ambiguous) return null
      const { parsed } = await file.at({ offset: hashOffset, length: hashLength ?? 0 })
      const isOwn = !('problem' in parsed) && parsed.subject === membershipOfRow(row).subject
      return isOwn ? parsed : null
    },
  }
}

async function forgetPlaces(runId: string): Promise<void> {
  const db = await database()
  await db.execute(sql`
    update backfill_rows set hash_offset = null, hash_length = null where run_id = ${runId}`)
}

type Place = { subject: string; place: number; length: number }

async function writePlaces(runId: string, path: string): Promise<void> {
  const { connection } = auth0Config()
  const file = await openHashes(path)
  let batch = new Map<string, Place>()
  try {
    for await (const { parsed, offset: place, length } of file.entries()) {
      if ('problem' in parsed || parsed.connection !== connection) continue
      const { subject } = parsed
      // No row has such a subject, and Postgres refuses some of them, with the whole batch.
      if (externalIdOf(subject) === null) continue
      if (batch.has(subject) || batch.size === batchSize) {
        await joinPlaces(runId, batch)
        batch = new Map()
      }
      batch.set(subject, { subject, place, length })
    }
    await joinPlaces(runId, batch)
  } finally {
    await file.close()
  }
}

async function joinPlaces(runId: string, batch: ReadonlyMap<string, Place>): Promise<void> {
  const db = await database()
  await db.execute(sql`
    update backfill_rows set
      hash_offset = case
        when coalesce(hash_offset, line.place) = line.place then line.place else ${ambiguous} end,
      hash_length = line.length
    from jsonb_to_recordset(${JSON.stringify([...batch.values()])}::jsonb)
      as line (subject text, place bigint, length integer)
    where run_id = ${runId} and outcome = 'member'
      and substr(backfill_rows.subject, strpos(backfill_rows.subject, ' ') + 1) = line.subject`)
}
