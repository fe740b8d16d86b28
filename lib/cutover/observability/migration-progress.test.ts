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
/** The policy is remembered for seconds: time has to pass between two. */
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

describe('how far the migration has come', () => {
  it('is nowhere at the start', async () => {
    expect(await readMigrationProgress('ada')).toEqual({
      policy: { version: 1, option: 'before-the-migration', percent: null },
      arrival: null,
      hasArrivals: false,
      wentForward: false,
    })
  })

  it('names the option, and the percentage of a rolling one', async () => {
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

  it('still knows after a rollback that there was a cohort', async () => {
    await put(presets['before-the-migration'])
    expect((await readMigrationProgress(null)).wentForward).toBe(false)
    await put(policySchema.parse({ cohort: { percent: 1 }, carrySessions: false }))
    await put(presets['before-the-migration'])
    expect((await readMigrationProgress(null)).wentForward).toBe(true)
  })

  it('says how an account came to Stytch last, and of nobody that they are another', async () => {
    await carriedOver('ada')
    expect(await readMigrationProgress('ada')).toMatchObject({ arrival: 'carried_over' })
    await signedIn('ada')
    expect(await readMigrationProgress('ada')).toMatchObject({ arrival: 'signed_in' })
    for (const other of ['grace', null]) {
      expect(await readMigrationProgress(other)).toMatchObject({ arrival: null, hasArrivals: true })
    }
  })

  it('takes neither a refusal nor a sign-out for an arrival', async () => {
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
