import type { backfillRuns } from '../schema'
import type { Mapped, Mapping } from '../source/mapping'
import { digestOf, openHashes, openUsers, SourceFileRefused } from '../source/source-file'
import type { SourceHash, SourceUser } from '../source/source-user'
import type { ClaimedRow } from './rows'

/** The person of a row, as the files describe them. */
export type RowSource = { user: SourceUser; hash: SourceHash | null; mapped: Mapped }

export type ReadRow = (row: ClaimedRow) => Promise<RowSource | { problem: string }>

type Run = typeof backfillRuns.$inferSelect

/**
 * Opens the files of a run, in which each row has the place of its lines.
 * @throws {SourceFileRefused} also if a file has changed since the plan
 */
export async function openRowSource(
  run: Run,
  mapping: Mapping,
): Promise<{ read: ReadRow; close: () => Promise<void> }> {
  await sameFile(run.usersFile, run.usersDigest)
  if (run.hashesFile) await sameFile(run.hashesFile, run.hashesDigest)
  const users = await openUsers(run.usersFile)
  const hashes = run.hashesFile ? await openHashes(run.hashesFile) : null

  async function read(row: ClaimedRow): Promise<RowSource | { problem: string }> {
    const entry = await users.at({ offset: row.userOffset, length: row.userLength })
    if ('problem' in entry.parsed) return { problem: entry.parsed.problem }
    if (entry.parsed.subject !== row.subject) return { problem: 'line_unreadable' }
    const mapped = mapping(entry.parsed, entry.record)
    if ('invalid' in mapped) return { problem: 'mapping_invalid' }
    const place = { offset: row.hashOffset ?? 0, length: row.hashLength ?? 0 }
    const hash = hashes && row.hashOffset !== null ? (await hashes.at(place)).parsed : null
    if (hash && 'problem' in hash) return { problem: hash.problem }
    return { user: entry.parsed, hash, mapped }
  }
  return {
    read,
    async close() {
      await Promise.all([users.close(), hashes?.close()])
    },
  }
}

async function sameFile(path: string, digest: string | null): Promise<void> {
  if ((await digestOf(path)) === digest) return
  throw new SourceFileRefused(
    'file_changed',
    `${path} has changed since the plan. Plan it again, as a run of its own.`,
  )
}
