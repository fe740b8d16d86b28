import 'server-only'
import { eq, sql } from 'drizzle-orm'
import { database, inTransaction } from '../../db/database'
import { legacyConfig } from '../../legacy/config'
import { recordPageSize } from '../../legacy/record'
import { cutoverConfig } from '../config'
import { takePollTurn } from '../revocation/poll-turn'
import { legacyPoll } from '../schema'
import { type ForwardJob, forwardIsOn, openForwardJobs } from './forward-jobs'
import { type KnownUser, knownUsers } from './known-user'
import { type LegacyUser, usersChangedSince } from './legacy-user'
import { oldestExport } from './plan-time'
import { isRenamed } from './rename-user'

/** The row of this poll. The row 1 belongs to the poll for blocked users. */
const pollId = 2
/** Auth0 indexes changes late, so each turn looks back this much further than the last one. In milliseconds. */
const overlap = 10 * 60_000
/** An older plan says nothing about where to begin. In milliseconds. */
const longestCatchUp = 31 * 24 * 60 * 60_000
/** Auth0 returns no more than these pages of a search. The next turn goes on where this one stopped. */
const maximumPages = 10

/**
 * Looks for users who changed at Auth0 since the last turn, and enqueues a job for each whose record says something else
 * than this app. For tenants without a stream, and for messages that were lost. The first turn begins before the oldest
 * plan, so that no change since the export is missed.
 *
 * @param pages tests make it smaller
 * @returns the number of jobs. Null when it is not yet time, or when another instance has this turn
 * @throws {LegacyRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function pollForward(now: Date, pages = maximumPages): Promise<number | null> {
  const seconds = cutoverConfig().legacyPollSeconds
  if (seconds === 0 || !forwardIsOn()) return null
  const since = await takeTurn(now, seconds)
  if (!since) return null

  const from = new Date(since.getTime() - overlap)
  const jobs: ForwardJob[] = await deletedSince(from)
  let last: Date | null = null
  let isComplete = false
  for (let page = 0; page < pages && !isComplete; page++) {
    const users = await usersChangedSince(from, page)
    const known = await knownUsers(users.map(({ subject }) => subject))
    const changed = users.filter((user) => isDifferent(user, known.get(user.subject) ?? null, from))
    jobs.push(...changed.map(({ subject }) => ({ subject, cause: 'changed' as const, at: null })))
    last = users.at(-1)?.updatedAt ?? last
    isComplete = users.length < recordPageSize
  }

  const enqueue = await openForwardJobs()
  await inTransaction(async (tx) => {
    await enqueue(tx, jobs)
    await tx
      .update(legacyPoll)
      .set(nextTurn(now, last, isComplete, from))
      .where(isRow)
  })
  return jobs.length
}

const isRow = eq(legacyPoll.id, pollId)

/** Where the next turn begins. After an incomplete one it is due at once, and begins with the last user of this one. */
function nextTurn(now: Date, last: Date | null, isComplete: boolean, from: Date) {
  if (isComplete || !last) return { checkedAt: now }
  // More users than Auth0 returns may have changed at one moment. The poll must not stand still.
  const next = Math.max(last.getTime(), from.getTime() + 1)
  return { ranAt: new Date(0), checkedAt: new Date(next + overlap) }
}

/** Whether a job may have something to write. A user who signs in changes, too, and needs none. */
function isDifferent(user: LegacyUser, known: KnownUser | null, from: Date): boolean {
  if (!known?.stytch) return true
  return (
    user.email !== known.stytch.email ||
    isRenamed(user, known) ||
    user.isBlocked ||
    (user.passwordSetAt !== null && user.passwordSetAt >= from)
  )
}

/**
 * Users whom the poll for blocked users has found to be deleted. No search finds them. That poll does not believe an
 * answer without most of the users.
 */
async function deletedSince(from: Date): Promise<ForwardJob[]> {
  const { issuer } = legacyConfig()
  const db = await database()
  const { rows } = (await db.execute(sql`
    select identities.subject from revocations
    join identities on revocations.key = 'user ' || identities.issuer || ' ' || identities.subject
    where revocations.reason = 'deleted' and identities.issuer = ${issuer}
      and revocations.ended_at >= ${from.toISOString()}::timestamptz`)) as unknown as {
    rows: { subject: string }[]
  }
  return rows.map(({ subject }) => ({ subject, cause: 'deleted', at: null }))
}

/** Takes the turn, once an interval over all instances. @returns since when users have to be looked up */
async function takeTurn(now: Date, seconds: number): Promise<Date | null> {
  const db = await database()
  if ((await db.$count(legacyPoll, isRow)) === 0) {
    const checkedAt = (await oldestExport(new Date(now.getTime() - longestCatchUp))) ?? now
    const inserted = await db
      .insert(legacyPoll)
      .values({ id: pollId, ranAt: now, checkedAt, cursor: '' })
      .onConflictDoNothing()
      .returning({ id: legacyPoll.id })
    return inserted[0] ? checkedAt : null
  }
  const turn = await takePollTurn(pollId, now, seconds)
  return turn?.checkedAt ?? null
}
