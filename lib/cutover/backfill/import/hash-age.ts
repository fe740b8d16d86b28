import type { LegacyRecord } from '../../../legacy/record'
import type { SourceHash } from '../source/source-user'

/** The file and the record may give the time of one change a little differently. In milliseconds. */
const tolerance = 60_000

/**
 * Whether the user has changed the password since the file. Somebody else may know the old one, and the new one cannot be
 * known.
 * @param plannedAt the file is older than this. Null if that is unknown
 */
export function isHashOld(
  { setAt }: SourceHash,
  { passwordSetAt }: Pick<LegacyRecord, 'passwordSetAt'>,
  plannedAt: Date | null,
): boolean {
  if (passwordSetAt === null) return false
  if (plannedAt !== null && passwordSetAt > plannedAt) return true
  return setAt !== undefined && passwordSetAt.getTime() > setAt.getTime() + tolerance
}
