import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { recordEvent } from '../events/record'
import { type Policy, policySchema, presets } from '../policy/document'
import { appendPolicy } from '../policy/store'
import { events, policies } from '../schema'
import { readMigrationProgress } from './migration-progress'

let db: Database
/** A process caches the policy for seconds, so the clock must advance between two policies. */
let clock = Date.now()
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  vi.spyOn(Date, 'now').mockImplementation(() => clock)
  db = await openTestDatabase()
})
beforeEach(async () => {
  await Promise.all([db.delete(events), db.delete(policies)])
  clock += 60_000
})

async function put(policy: Policy): Promise<void> {
  await appendPolicy(policy, 'a test', null)
  clock += 60_000
}

const event = {
  at: new Date(),
  issuer: 'https://issuer.example/',
  subject: 'subject',
  lane: 'stytch',
  reason: 'a test',
  milliseconds: 0,
  policyVersion: 1,
} as const
const carriedOver = (accountId: string) =>
  recordEvent({ ...event, accountId, kind: 'migration', result: 'migrated' })
const signedIn = (accountId: string) =>
  recordEvent({ ...event, accountId, kind: 'sign_in', result: 'signed_in' })

describe('the progress of the migration', () => {
  it('is empty at the start', async () => {
    expect(await readMigrationProgress('ada')).toEqual({
      policy: { version: 1, option: 'before-the-migration', percent: null },
      arrival: null,
      hasArrivals: false,
      wentForward: false,
    })
  })

  it('names the option, and the percentage of a rolling policy', async () => {
    await put(presets['zero-downtime'])
    expect((await readMigrationProgress(null)).policy).toEqual({
      version: 2,
      option: 'zero-downtime',
      percent: null,
    })
    await put(policySchema.parse({ cohort: { percent: 25 }, carrySessions: true }))
    expect((await readMigrationProgress(null)).policy).toEqual({
      version: 3,
      option: 'rolling',
      percent: 25,
    })
  })

  it('shows after a rollback that there was a cohort', async () => {
    await put(presets['before-the-migration'])
    expect((await readMigrationProgress(null)).wentForward).toBe(false)
    await put(policySchema.parse({ cohort: { percent: 1 }, carrySessions: false }))
    await put(presets['before-the-migration'])
    expect((await readMigrationProgress(null)).wentForward).toBe(true)
  })

  it('shows the last arrival of an account at Stytch, and not that of another account', async () => {
    await carriedOver('ada')
    expect(await readMigrationProgress('ada')).toMatchObject({ arrival: 'carried_over' })
    await signedIn('ada')
    expect(await readMigrationProgress('ada')).toMatchObject({ arrival: 'signed_in' })
    for (const other of ['grace', null]) {
      expect(await readMigrationProgress(other)).toMatchObject({ arrival: null, hasArrivals: true })
    }
  })

  it('counts neither a refusal nor a sign-out as an arrival', async () => {
    await recordEvent({ ...event, accountId: 'alan', kind: 'migration', result: 'refused' })
    await recordEvent({
      ...event,
      accountId: 'alan',
      kind: 'sign_out',
      lane: 'anonymous',
      result: 'signed_out',
    })
    expect(await readMigrationProgress('alan')).toMatchObject({ arrival: null, hasArrivals: false })
  })
})
