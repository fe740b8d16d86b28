import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { eq, sql } from 'drizzle-orm'
import { afterEach, expect, inject, it } from 'vitest'
import { postgresAt } from '../../../../sandbox/postgres-server.ts'
import { backfillRows } from '../schema'
import { newUsers, planUsers, setUpBackfill, usersAtStytch } from '../testing'
import { undoRun } from '../undo/undo'
import { importRun } from './import'
import { pauseRun, resumeRun } from './pause'

/** The real command in processes of their own. */

const bed = setUpBackfill()
const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

async function startImport(runId: string, rate: number, ...more: string[]): Promise<ChildProcess> {
  const { rows } = await bed.db.execute<{ name: string }>(sql`select current_database() as name`)
  const env = {
    ...process.env,
    DATABASE_URL: postgresAt(inject('postgres').url).url(rows[0]?.name),
    NODE_OPTIONS: '',
  }
  // Auth0 does not know these users.
  const options = ['--run', runId, '--rate', String(rate), '--skip-check', ...more]
  const child = spawn(process.execPath, ['lib/cutover/backfill/run.mjs', 'import', ...options], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

const ended = async (child: ChildProcess): Promise<number | null> => {
  let output = ''
  child.stdout?.on('data', (data) => {
    output += data
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) console.error(output)
  return code
}

const rowsOf = (runId: string) =>
  bed.db.select().from(backfillRows).where(eq(backfillRows.runId, runId))

/** For `expect.poll`. */
const soon = { interval: 20, timeout: 20_000 }

const usersExist = (count: number) =>
  expect.poll(() => usersAtStytch(bed).length, soon).toBeGreaterThanOrEqual(count)

function expectComplete(rows: Awaited<ReturnType<typeof rowsOf>>, subjects: string[]): void {
  expect(rows.filter(({ state }) => state !== 'done')).toEqual([])
  expect(rows.every(({ madeUser }) => madeUser)).toBe(true)
  const users = usersAtStytch(bed)
  expect(users.map(({ external_id }) => external_id).sort()).toEqual([...subjects].sort())
  expect(new Set(rows.map(({ stytchUserId }) => stytchUserId)).size).toBe(subjects.length)
  expect(users.every(({ emails, password }) => emails[0]?.verified && password)).toBe(true)
}

it('resumes after kill -9, twice, and the sums come out', async () => {
  const users = newUsers(30)
  const runId = await planUsers(bed, users)
  for (const count of [5, 12]) {
    const child = await startImport(runId, 60, '--lease', '1')
    await usersExist(count)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await rowsOf(runId)).some(({ state }) => state === 'claimed')).toBe(true)
  }
  expect(await ended(await startImport(runId, 60, '--lease', '1'))).toBe(0)
  expectComplete(
    await rowsOf(runId),
    users.map(({ subject }) => subject),
  )
})

it('two processes share the rows and the rate', async () => {
  const users = newUsers(30)
  const runId = await planUsers(bed, users)
  // With the lease of the default, a process that a busy machine holds up for a second loses no row to the other one.
  const children = await Promise.all([startImport(runId, 40), startImport(runId, 40)])
  expect(await Promise.all(children.map(ended))).toEqual([0, 0])
  const rows = await rowsOf(runId)
  expectComplete(
    rows,
    users.map(({ subject }) => subject),
  )
  expect(rows.every(({ attempts }) => attempts === 1)).toBe(true)
  // The log has the time of each answer, so only the whole is compared: 60 calls at 40 a second.
  const times = bed.stytch.project.requests.list().map(({ at }) => Date.parse(at))
  expect(times).toHaveLength(60)
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_450)
})

it('a paused run makes every process stop until an operator resumes it, and the sums come out', async () => {
  const users = newUsers(80)
  const runId = await planUsers(bed, users)
  const child = await startImport(runId, 60)
  let output = ''
  child.stdout?.on('data', (data) => {
    output += data
  })
  const exit = ended(child)
  await usersExist(5)
  const seen: boolean[] = []
  const here = Promise.allSettled([
    importRun({ runId, rate: 60, onPause: (isPaused) => seen.push(isPaused) }),
  ])
  await usersExist(15)

  expect(await pauseRun(runId)).toBe(true)
  expect(await pauseRun(runId)).toBe(false)
  await expect.poll(() => seen, soon).toEqual([true])
  await expect.poll(() => output, soon).toContain('Paused in the control room')
  const held = async () => (await rowsOf(runId)).filter(({ state }) => state === 'claimed').length
  await expect.poll(held, { ...soon, interval: 50 }).toBe(0)
  const calls = bed.stytch.project.requests.list().length
  await expect(importRun({ runId })).rejects.toMatchObject({ code: 'run_paused' })
  expect((await rowsOf(runId)).some(({ state }) => state === 'planned')).toBe(true)
  expect(bed.stytch.project.requests.list()).toHaveLength(calls)

  expect(await resumeRun(runId)).toBe(true)
  expect(await here).toMatchObject([{ value: { isDone: true } }])
  expect(await exit).toBe(0)
  expect(output).toContain('Resumed')
  expect(seen).toEqual([true, false])
  const rows = await rowsOf(runId)
  expectComplete(
    rows,
    users.map(({ subject }) => subject),
  )
  expect(rows.every(({ attempts }) => attempts === 1)).toBe(true)
})

it('a paused run can be undone, and a process that waits then ends', async () => {
  const runId = await planUsers(bed, newUsers(6))
  const seen: boolean[] = []
  const waiting = Promise.allSettled([
    importRun({ runId, rate: 6, onPause: (isPaused) => seen.push(isPaused) }),
  ])
  await usersExist(1)
  await pauseRun(runId)
  await expect.poll(() => seen, soon).toEqual([true])
  await undoRun({ runId, rate: 60 })
  expect(await waiting).toMatchObject([{ value: { isDone: true } }])
  expect(usersAtStytch(bed)).toEqual([])
  expect(await resumeRun(runId)).toBe(false)
})
