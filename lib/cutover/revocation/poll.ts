import 'server-only'
import { eq } from 'drizzle-orm'
import { database, inTransaction } from '../../db/database'
import { legacyConfig } from '../../legacy/config'
import { legacyRecords } from '../../legacy/configured-records'
import { type LegacyRecord, recordPageSize } from '../../legacy/record'
import { listedUsers } from '../../revocation/revocation-list'
import { cutoverConfig } from '../config'
import { mirrorIsOn } from '../mirror/enqueue'
import { legacyPoll } from '../schema'
import { openRevocationJobs } from './jobs'
import { knownLegacyUsers, legacyUsersAfter } from './known-users'
import { takePollTurn } from './poll-turn'

/** Auth0 indexes changes late, so each turn looks back this much further than the last one. In milliseconds. */
const overlap = 10 * 60_000
/** Limits the calls of one turn. The next turn goes on where this one stopped. */
const maximumPages = 10
const batchesPerTurn = 10
/** Ids in one query. More would make the URL too long. */
const batchSize = 50
/** Beyond this number, a turn that finds fewer than half of the users is not believed. */
const believableMissing = 10

/**
 * Looks for users who were blocked, unblocked or deleted at Auth0: those blocked since the last turn, and the next few
 * hundred of all known users. A job then reads each record that differs from the list. For tenants without a log
 * stream, and for messages that were lost.
 *
 * @returns the number of jobs. Null when it is not yet time, or when another instance has this turn
 * @throws {TooManyMissing | LegacyRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function pollLegacyUsers(now: Date): Promise<number | null> {
  const seconds = cutoverConfig().legacyPollSeconds
  if (seconds === 0 || !mirrorIsOn()) return null
  const turn = await takeTurn(now, seconds)
  if (!turn) return null

  const records = legacyRecords()
  const since = new Date(turn.checkedAt.getTime() - overlap)
  const differing = new Set<string>()
  for (let page = 0; page < maximumPages; page++) {
    const found = await records.findBlockedSince(since, page)
    const known = await knownLegacyUsers(found.map(({ id }) => id))
    for (const id of await differences(known, found)) differing.add(id)
    if (found.length < recordPageSize) break
  }

  let cursor = turn.cursor
  let [lookedUp, missing] = [0, 0]
  for (let batch = 0; batch < batchesPerTurn; batch++) {
    const subjects = await legacyUsersAfter(cursor, batchSize)
    if (subjects.length > 0) {
      const found = await records.findRecords(subjects)
      for (const id of await differences(subjects, found)) differing.add(id)
      lookedUp += subjects.length
      missing += subjects.length - found.length
    }
    cursor = subjects.length < batchSize ? '' : (subjects.at(-1) ?? '')
    if (cursor === '') break
  }

  // The Management API of another tenant knows none of these users. That must not log everybody out.
  if (missing > believableMissing && missing > lookedUp / 2)
    throw new TooManyMissing(missing, lookedUp)

  const enqueue = await openRevocationJobs()
  await inTransaction(async (tx) => {
    for (const subject of differing)
      await enqueue(tx, { kind: 'record', subject, mayBeDeleted: true })
    await tx.update(legacyPoll).set({ cursor, checkedAt: now }).where(eq(legacyPoll.id, 1))
  })
  return differing.size
}

/** Most users are missing at Auth0, which is more likely a wrong setting than a deletion. */
export class TooManyMissing extends Error {
  readonly code = 'too_many_missing'
  constructor(missing: number, lookedUp: number) {
    super(
      `Auth0 does not find ${missing} of ${lookedUp} users, so nobody is signed out. Check that AUTH0_MANAGEMENT_DOMAIN is the tenant of AUTH0_DOMAIN. If you deleted these users, set AUTH0_POLL_SECONDS to 0.`,
    )
    this.name = 'TooManyMissing'
  }
}

/** Takes the turn, once an interval over all instances. The first one only starts the clock. */
async function takeTurn(
  now: Date,
  seconds: number,
): Promise<{ checkedAt: Date; cursor: string } | null> {
  const db = await database()
  await db
    .insert(legacyPoll)
    .values({ id: 1, ranAt: now, checkedAt: now, cursor: '' })
    .onConflictDoNothing()
  return takePollTurn(1, now, seconds)
}

/** The users whose record says something else than the list. A user who is not found may have been deleted. */
async function differences(subjects: string[], found: LegacyRecord[]): Promise<string[]> {
  const records = new Map(found.map((record) => [record.id, record]))
  const listed = await listedUsers(legacyConfig().issuer, subjects)
  return subjects.filter((subject) => {
    const record = records.get(subject)
    const reason = listed.get(subject)
    const isBlockListed = reason === 'blocked' || reason === 'blocked_by_mirror'
    if (!record) return reason !== 'deleted' && reason !== 'blocked'
    return (record.blocked !== 'no') !== isBlockListed
  })
}
