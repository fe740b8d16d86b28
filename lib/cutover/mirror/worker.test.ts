import { sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { perProcess } from '../../per-process'
import { mirrorSamples } from '../schema'
import { drain } from './drain'
import { queue } from './queue'
import { mirrorQueue } from './queue-names'
import { sampleMirror } from './sample'
import { deadJobs, mirrorStatus, retryDeadJob } from './status'
import {
  breakAuth0,
  canSignIn,
  eventsOf,
  goodPassword,
  legacyUsers,
  makeJobsDue,
  restoreAuth0,
  secondsUntilRetry,
  setUpTestBed,
  signUp,
} from './testing.ts'
import { runWorker } from './worker'

const bed = setUpTestBed()
const samples = () => bed.db.select().from(mirrorSamples).orderBy(mirrorSamples.at)
/** Clears the cached time of the last sample, so that this process acts like another instance. */
const becomeAnotherInstance = () => {
  perProcess('mirror-sample', () => 0).value = 0
}

describe('the worker', () => {
  it('runs jobs until it is stopped', async () => {
    const worker = runWorker()
    const { email } = await signUp(bed)
    await vi.waitFor(async () => expect(await legacyUsers(bed, email)).toHaveLength(1), {
      timeout: 10_000,
    })
    await worker.stop()
    const late = await signUp(bed)
    expect(await legacyUsers(bed, late.email)).toEqual([])
    expect(await mirrorStatus()).toMatchObject({ pending: 1 })
  })

  it('takes a sample while the legacy provider is unavailable', async () => {
    await bed.db.delete(mirrorSamples)
    becomeAnotherInstance()
    await breakAuth0(bed)
    await signUp(bed)
    const worker = runWorker()
    await vi.waitFor(async () => expect(await samples()).toMatchObject([{ waiting: 1 }]), {
      timeout: 10_000,
    })
    await worker.stop()
  })
})

describe('the queue', () => {
  it('is sampled once a minute over all instances', async () => {
    await bed.db.delete(mirrorSamples)
    const at = (time: string) => new Date(`2100-01-01T${time}Z`)
    await signUp(bed)
    becomeAnotherInstance()
    await sampleMirror(at('00:00:01'))
    await drain()
    becomeAnotherInstance()
    await sampleMirror(at('00:00:59'))
    await sampleMirror(at('00:01:00'))
    expect(await samples()).toEqual([
      { at: at('00:00:00'), waiting: 1, dead: 0 },
      { at: at('00:01:00'), waiting: 0, dead: 0 },
    ])
  })

  it('requeues a job when its worker stopped', async () => {
    const { email } = await signUp(bed)
    const boss = await queue()
    await boss.fetch(mirrorQueue)
    expect(await drain()).toMatchObject({ done: 0 })
    await bed.db.execute(sql`update pgboss.job set started_on = now() - interval '1 hour'`)
    await bed.db.execute(sql`update pgboss.queue set monitor_on = null, monitor_claim_on = null`)
    await boss.supervise()
    await makeJobsDue(bed)
    expect(await drain()).toMatchObject({ done: 1 })
    expect(await legacyUsers(bed, email)).toHaveLength(1)
  })
})

describe('while the legacy provider is unavailable', () => {
  it('keeps the job, and creates the record afterwards', async () => {
    await breakAuth0(bed)
    const { account, email } = await signUp(bed)
    expect(await drain()).toMatchObject({ done: 0, failed: 1 })
    expect(await mirrorStatus()).toMatchObject({ retrying: 1, dead: 0 })
    await makeJobsDue(bed)
    await drain()
    await restoreAuth0(bed)
    // The job is not due yet.
    expect(await drain()).toMatchObject({ done: 0, failed: 0 })
    await makeJobsDue(bed)
    expect(await drain()).toMatchObject({ done: 1 })
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await canSignIn(bed, email, goodPassword)).toBe(true)
    expect(await mirrorStatus()).toMatchObject({ pending: 0, retrying: 0, oldestSeconds: null })
    expect(await eventsOf(bed, account)).toEqual([
      'mirror failed legacy_unavailable',
      'mirror failed legacy_unavailable',
      'mirror created born_password_same',
    ])
  })

  it('doubles the delay of each retry, with jitter', async () => {
    await breakAuth0(bed)
    await signUp(bed)
    for (let attempt = 0; attempt < 4; attempt++) {
      const started = performance.now()
      await drain()
      const left = await secondsUntilRetry(bed)
      const elapsed = (performance.now() - started) / 1_000
      // The delay began within the time that elapsed.
      expect(left + elapsed).toBeGreaterThan(3 * 2 ** attempt - 0.01)
      expect(left).toBeLessThanOrEqual(3 * 2 ** (attempt + 1))
      await makeJobsDue(bed)
    }
  })

  it.each([
    ['Retry-After', () => ({ 'retry-after': '600' })],
    [
      'X-RateLimit-Reset',
      () => ({ 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 600) }),
    ],
  ])('runs no job before the time in %s', async (_, headersNow) => {
    await signUp(bed)
    await signUp(bed)
    await bed.auth0.control('PUT', 'faults', [
      { path: '/api/v2/*', status: 429, headers: headersNow(), times: 1 },
    ])
    const { pausedUntil, done, failed } = await drain()
    expect({ done, failed }).toEqual({ done: 0, failed: 1 })
    expect((pausedUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(500_000)
    const delay = await secondsUntilRetry(bed)
    expect(delay).toBeGreaterThan(500)
    expect(delay).toBeLessThan(605)
  })

  it('makes the job dead after the last retry, until an operator retries it', async () => {
    await breakAuth0(bed)
    const { account, email } = await signUp(bed)
    await bed.db.execute(sql`update pgboss.job set retry_limit = 1`)
    await drain()
    await makeJobsDue(bed)
    await drain()
    expect(await mirrorStatus()).toMatchObject({ pending: 0, retrying: 0, dead: 1 })
    const [dead] = await deadJobs()
    expect(dead).toMatchObject({
      accountId: account.id,
      change: 'born',
      reason: 'legacy_unavailable',
    })
    await restoreAuth0(bed)
    expect(await retryDeadJob(dead?.id ?? '')).toBe(true)
    expect(await retryDeadJob(dead?.id ?? '')).toBe(false)
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await mirrorStatus()).toMatchObject({ dead: 0 })
  })
})
