import { ne, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { events } from '../schema'
import { setState } from './import/backfill-run'
import { pauseRun } from './import/pause'
import { pauseRunAs } from './import/pause-as'
import { watchRunProgress } from './import/run-progress'
import { currentRun, listRuns, readRunStatus } from './run-status'
import { backfillRows, backfillRuns } from './schema'

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  db = await openTestDatabase()
})
beforeEach(async () => {
  await db.execute(sql`truncate backfill_runs, events cascade`)
})

type Row = Partial<typeof backfillRows.$inferInsert>

let subjects = 0
async function haveRun(id: string, rows: Row[], createdAt = new Date()): Promise<void> {
  const run = { id, usersFile: '', usersDigest: '', rate: 10, createdAt }
  await db.insert(backfillRuns).values({ ...run, state: 'planned' })
  if (rows.length === 0) return
  await db.insert(backfillRows).values(
    rows.map((row) => ({
      runId: id,
      subject: `auth0|${subjects++}`,
      outcome: 'create',
      state: 'planned' as const,
      userOffset: 0,
      userLength: 0,
      ...row,
    })),
  )
}

const minuteAgo = () => new Date(Date.now() - 60_000)
const inAMinute = () => new Date(Date.now() + 60_000)

describe('the status of a run', () => {
  it('counts the users of the import, and not those whom the plan left out', async () => {
    await haveRun('run_1', [
      { state: 'done', attempts: 1, outcome: 'create_with_password' },
      { state: 'done', attempts: 1, outcome: 'create' },
      { state: 'skipped', attempts: 1, reason: 'address_taken' },
      { state: 'failed', attempts: 6, reason: 'stytch_timeout' },
      { state: 'claimed', attempts: 1, leaseEndsAt: inAMinute() },
      { state: 'planned', outcome: 'create_with_password' },
      { state: 'skipped', outcome: 'social_only' },
      { state: 'skipped', outcome: 'line_unreadable', reason: 'email' },
      { state: 'skipped', outcome: 'line_unreadable', reason: 'user_id' },
    ])
    await setState('run_1', 'running')
    const run = await readRunStatus('run_1')
    expect(run).toMatchObject({
      state: 'running',
      progress: { done: 4, total: 6 },
      inHand: 1,
      // Three calls at ten a second, of which a tenth is unused.
      secondsLeft: expect.closeTo(0.33),
    })
    const codes = Object.entries(run?.codes ?? {}).map(([section, list]) => [
      section,
      ...list.map(({ code, count }) => `${count} ${code}`),
    ])
    expect(Object.fromEntries(codes.map(([section, ...list]) => [section, list]))).toEqual({
      failed: ['1 stytch_timeout'],
      skipped: ['1 address_taken'],
      waiting: ['1 create', '1 create_with_password'],
      imported: ['1 create', '1 create_with_password'],
      deleted: [],
      kept: [],
      left_out: ['2 line_unreadable', '1 social_only'],
    })
    expect(run?.codes.skipped[0]?.text.why).toMatch(/^somebody else has the address/)
    expect(run?.codes.failed[0]?.text.why).toBe('Stytch refused the user or did not answer')
  })

  it('is the progress of the command line, which counts the rows of all processes', async () => {
    const row = { state: 'planned', outcome: 'create' } as const
    const leftOut = { state: 'skipped', outcome: 'social_only' } as const
    await haveRun('run_1', [{ ...row, state: 'done', attempts: 1 }, row, row, row, leftOut])
    const shown: object[] = []
    const watch = await watchRunProgress('run_1', (progress) => shown.push(progress), 10)
    watch.addSettled()
    expect(shown).toEqual([{ done: 2, total: 4, before: 1 }])
    // Another process.
    await db
      .update(backfillRows)
      .set({ state: 'done', attempts: 1 })
      .where(ne(backfillRows.state, 'skipped'))
    await expect.poll(() => shown.at(-1)).toEqual({ done: 4, total: 4, before: 1 })
    watch.stop()
    expect((await readRunStatus('run_1'))?.progress).toEqual({ done: 4, total: 4 })
  })

  it('measures the last ten seconds, and estimates the calls', async () => {
    const done = { state: 'done', attempts: 1 } as const
    await haveRun('run_1', [
      ...Array(30).fill({ ...done, outcome: 'create_with_password' }),
      ...Array(10).fill(done),
      ...Array(50).fill({ ...done, updatedAt: minuteAgo() }),
    ])
    await db.update(backfillRuns).set({ state: 'running', startedAt: minuteAgo() })
    expect(await readRunStatus('run_1')).toMatchObject({ usersPerSecond: 4, callsPerSecond: 7 })
  })

  it('says that no process is at work, when nobody holds a row and the last one is old', async () => {
    const old = { attempts: 1, updatedAt: minuteAgo() }
    await haveRun('run_1', [{ ...old, state: 'done' }, { updatedAt: minuteAgo() }])
    await db.update(backfillRuns).set({ state: 'running', startedAt: minuteAgo() })
    expect(await readRunStatus('run_1')).toMatchObject({ state: 'idle' })
    await pauseRun('run_1')
    expect(await readRunStatus('run_1')).toMatchObject({ state: 'paused' })
    await db.update(backfillRuns).set({ pausedAt: null })
    // The process waits for Stytch, and renews its lease.
    await db.update(backfillRows).set({ state: 'claimed', leaseEndsAt: inAMinute() })
    expect(await readRunStatus('run_1')).toMatchObject({ state: 'running', inHand: 2 })
  })

  it('shows the result of an undo', async () => {
    const tried = { attempts: 1 } as const
    await haveRun('run_1', [
      { ...tried, state: 'undone' },
      { ...tried, state: 'done', reason: 'kept_session' },
      { ...tried, state: 'failed', reason: 'kept_stytch_user_not_found' },
    ])
    await setState('run_1', 'undone')
    const run = await readRunStatus('run_1')
    expect(run).toMatchObject({ state: 'undone', endedAt: expect.any(Date) })
    expect(run?.codes.deleted).toMatchObject([{ code: 'create', count: 1 }])
    expect(run?.codes.kept.map(({ text }) => text.why)).toEqual([
      'the user has a live session at Stytch',
      'Stytch refused the deletion',
    ])
  })

  it('prefers the run that is under way to a newer one', async () => {
    await haveRun('run_1', [], minuteAgo())
    await haveRun('run_2', [])
    expect((await listRuns()).map(({ id }) => id)).toEqual(['run_2', 'run_1'])
    expect(currentRun(await listRuns())?.id).toBe('run_2')
    await setState('run_1', 'running')
    expect(currentRun(await listRuns())?.id).toBe('run_1')
    expect(await readRunStatus('run_3')).toBeNull()
  })
})

it('a pause is recorded with the name of the operator, once', async () => {
  await haveRun('run_1', [])
  const change = (pause: boolean) =>
    pauseRunAs('ada@example.com', { runId: 'run_1', pause, now: new Date() })
  expect(await change(true)).toBe(false)
  await setState('run_1', 'running')
  expect([await change(true), await change(true), await change(false)]).toEqual([true, false, true])
  expect(await db.select().from(events).orderBy(events.id)).toMatchObject([
    { kind: 'backfill', subject: 'ada@example.com', result: 'paused', reason: 'import run_1' },
    { kind: 'backfill', subject: 'ada@example.com', result: 'resumed', reason: 'import run_1' },
  ])
})
