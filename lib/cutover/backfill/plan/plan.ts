import 'server-only'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import { type Database, inTransaction } from '../../../db/database'
import { legacyConfig } from '../../../legacy/config'
import { stytchIssuerName } from '../../../stytch/issuer'
import { externalIdOf } from '../../migration/external-id'
import { backfillRows, backfillRuns } from '../schema'
import type { Mapping } from '../source/mapping'
import {
  digestOf,
  type Entry,
  openHashes,
  openUsers,
  type SourceFile,
  SourceFileRefused,
  unpack,
} from '../source/source-file'
import type { SourceHash, SourceUser } from '../source/source-user'
import { isImportable, type Outcome, outcomeOf } from './outcome'
import {
  countOutcomes,
  findRun,
  lockRun,
  moveRun,
  type OutcomeCounts,
  PlanInProgress,
  removeUnusedRun,
  runIdOf,
} from './planned-run'
import { createWorkTables, type WorkTables } from './work-tables'

export type PlanRequest = {
  usersFile: string
  hashesFile: string | null
  map: Mapping
  /** Calls to Stytch a second. */
  rate: number
  /** Plans the same files anew, for example with a corrected mapping. */
  again?: boolean
  /** Where a packed file is unpacked. */
  folder: string
  /** Called after each batch with the number of lines that were read. */
  onLines?: (lines: number) => void
  signal?: AbortSignal
}

export type PlanResult = {
  runId: string
  /** Whether the same files had been planned before. Nothing is written then. */
  isKnown: boolean
  rate: number
  counts: OutcomeCounts
}

type Row = typeof backfillRows.$inferInsert

/** Small enough for the time-out of a statement. */
const batchSize = 1_000

/**
 * Decides what happens to each user of the files, and writes it into our own database. It calls no provider.
 *
 * All is one transaction, so a plan that is killed leaves nothing.
 * @throws {SourceFileRefused | PlanInProgress | RunStarted | DatabaseUnavailable}
 */
export async function planRun(request: PlanRequest): Promise<PlanResult> {
  const { rate, folder } = request
  const usersDigest = await digestOf(request.usersFile)
  const hashesDigest = request.hashesFile && (await digestOf(request.hashesFile))
  const runId = runIdOf(usersDigest, hashesDigest)
  const known = await findRun(runId)
  const unpackFiles = async () => ({
    usersFile: resolve(await unpack(request.usersFile, usersDigest, folder)),
    hashesFile:
      request.hashesFile && hashesDigest
        ? resolve(await unpack(request.hashesFile, hashesDigest, folder))
        : null,
  })
  if (known && !request.again) {
    const isMoved = [known.usersFile, known.hashesFile].some((path) => path && !existsSync(path))
    if (isMoved) await moveRun(runId, await unpackFiles())
    return { runId, isKnown: true, rate: known.rate, counts: await countOutcomes(runId) }
  }

  const { usersFile, hashesFile } = await unpackFiles()
  const versions = await versionsOf(usersFile, hashesFile)
  const users = await openUsers(usersFile)
  let hashes: SourceFile<SourceHash> | null = null
  try {
    hashes = hashesFile ? await openHashes(hashesFile) : null
    const job = { ...request, runId, users, hashes }
    await inTransaction(async (tx) => {
      await lockRun(tx, runId)
      if (known) await removeUnusedRun(tx, runId)
      const run = { id: runId, usersFile, usersDigest, hashesFile, hashesDigest, rate }
      const { rowCount } = await tx
        .insert(backfillRuns)
        .values({ ...run, state: 'planned' })
        .onConflictDoNothing()
      // Another plan has ended since this process looked for the run.
      if (rowCount === 0) throw new PlanInProgress()
      await writeRows(tx, job)
      // The lines were read several times, so the places of a file that changes would be wrong.
      if ((await versionsOf(usersFile, hashesFile)) !== versions) {
        throw new SourceFileRefused('file_changed', 'A file changed during the plan.')
      }
    })
  } finally {
    await users.close()
    await hashes?.close()
  }
  return { runId, isKnown: false, rate, counts: await countOutcomes(runId) }
}

async function versionsOf(...paths: (string | null)[]): Promise<string> {
  const files = await Promise.all(paths.flatMap((path) => (path ? stat(path) : [])))
  return files.map(({ size, mtimeMs }) => `${size} ${mtimeMs}`).join('\n')
}

type Job = Pick<PlanRequest, 'map' | 'onLines' | 'signal'> & {
  runId: string
  users: SourceFile<SourceUser>
  hashes: SourceFile<SourceHash> | null
}

async function writeRows(tx: Database, job: Job): Promise<void> {
  const { users, hashes, signal, onLines } = job
  const issuers = { legacy: legacyConfig().issuer, stytch: stytchIssuerName() }
  const tables = await createWorkTables(tx, issuers, hashes !== null)
  let lines = 0
  const each = async <T>(file: SourceFile<T>, work: (batch: Entry<T>[]) => Promise<void>) => {
    for await (const batch of batches(file.entries())) {
      signal?.throwIfAborted()
      await work(batch)
      lines += batch.length
      onLines?.(lines)
    }
  }
  if (hashes) await each(hashes, (batch) => tables.addHashes(batch))
  await each(users, (batch) => tables.addUsers(batch))
  await tables.analyze()
  await each(users, async (batch) => insert(tx, await userRows(batch, tables, job)))
  await addHashRows(tx, tables, job.runId)
}

async function* batches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function userRows(
  batch: Entry<SourceUser>[],
  tables: WorkTables,
  { runId, map }: Job,
): Promise<Row[]> {
  const readable = batch.flatMap(({ offset, parsed: user }) =>
    'problem' in user ? [] : { offset, user },
  )
  const facts = await tables.factsOf(readable)
  const factsAt = new Map(readable.map(({ offset }, index) => [offset, facts[index]]))
  return batch.map(({ offset, length, parsed: user, record }) => {
    const place = { runId, userOffset: offset, userLength: length }
    const known = factsAt.get(offset)
    if ('problem' in user || !known) {
      const reason = 'problem' in user ? user.reason : null
      return row({ ...place, subject: `users:${offset}` }, 'line_unreadable', reason)
    }
    const { outcome, reason } = outcomeOf(user, map(user, record), known)
    return row(
      {
        ...place,
        // Subjects of enterprise connections contain addresses. Stytch refuses these as external ids.
        subject:
          outcome === 'subject_twice' || externalIdOf(user.subject) === null
            ? `users:${offset}`
            : user.subject,
        ...(outcome === 'create_with_password' &&
          known.place && { hashOffset: known.place.offset, hashLength: known.place.length }),
      },
      outcome,
      outcome === 'hash_unsupported' ? known.hashReason : reason,
    )
  })
}

/** Every hash that belongs to no user gets a row, so that the sums come out. */
async function addHashRows(tx: Database, tables: WorkTables, runId: string): Promise<void> {
  for (let after = -1; ; ) {
    const found = await tables.hashesWithoutUser(after, batchSize)
    const last = found.at(-1)
    if (!last) return
    after = last.at
    const rows = found.flatMap(({ at, length, problem, is_unused }) => {
      const [code = '', reason = null] = problem?.split(':') ?? []
      if (code !== 'line_unreadable' && !is_unused) return []
      return row(
        {
          runId,
          subject: `hashes:${at}`,
          userOffset: 0,
          userLength: 0,
          hashOffset: at,
          hashLength: length,
        },
        code === 'line_unreadable' ? 'line_unreadable' : 'hash_without_user',
        code === 'line_unreadable' ? reason : null,
      )
    })
    await insert(tx, rows)
  }
}

const row = (
  place: Omit<Row, 'outcome' | 'state' | 'reason'>,
  outcome: Outcome,
  reason: string | null,
): Row => ({ ...place, outcome, reason, state: isImportable(outcome) ? 'planned' : 'skipped' })

/** One parameter for all rows. With one for each field, a plan would take twice as long. */
async function insert(tx: Database, rows: Row[]): Promise<void> {
  const given = rows.map((row) => [
    ...[row.runId, row.subject, row.outcome, row.state, row.reason],
    ...[row.userOffset, row.userLength, row.hashOffset, row.hashLength],
  ])
  await tx.execute(sql`
    insert into ${backfillRows} (
      run_id, subject, outcome, state, reason, user_offset, user_length, hash_offset, hash_length)
    select r->>0, r->>1, r->>2, r->>3, r->>4,
      (r->>5)::bigint, (r->>6)::int, (r->>7)::bigint, (r->>8)::int
    from json_array_elements(${JSON.stringify(given)}::json) r`)
}
