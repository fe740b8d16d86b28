import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { linkIdentity, openAccount } from '../../account/account'
import type { Database } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { stytchIssuerName } from '../../stytch/issuer'
import { presets } from '../policy/document'
import { claims, events, sightings } from '../schema'
import { rolling } from '../testing'
import { readMigrationPace, secondsLeft } from './migration-pace'

let db: Database
beforeAll(async () => {
  Object.assign(process.env, appEnvironment, { MIGRATIONS_PER_SECOND: '7' })
  db = await openTestDatabase()
})
beforeEach(() => Promise.all([db.delete(events), db.delete(claims), db.delete(sightings)]))

const now = new Date('2026-06-01T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const everybody = presets['zero-downtime']
const issuer = 'https://tenant.example/'

const migrationEvent = (at: Date, result: string, reason: string, subject = 'auth0|ada') => ({
  at,
  kind: 'migration',
  issuer,
  subject,
  lane: 'legacy',
  result,
  reason,
  milliseconds: 1,
})
const claim = (sessionKey: string, state: (typeof claims.$inferInsert)['state'], at: Date) => ({
  sessionKey,
  tokenKey: `token-of-${sessionKey}`,
  state,
  holder: 'nobody',
  leaseEndsAt: at,
  updatedAt: at,
})
const seen = (sessionKey: string, lastSeen: Date, lane: 'legacy' | 'stytch' = 'legacy') => ({
  sessionKey,
  lane,
  firstSeen: lastSeen,
  lastSeen,
})

describe('the pace of the migration', () => {
  it('is empty at the start', async () => {
    expect(await readMigrationPace(everybody, now)).toEqual({
      limitPerSecond: 7,
      migratedLastMinute: 0,
      heldBackLastMinute: 0,
      remaining: 0,
      secondsLeft: 0,
      keptBackForMfa: 0,
    })
  })

  it('counts the migrations of the last minute, and the sessions that the brake held back', async () => {
    await db
      .insert(events)
      .values([
        migrationEvent(ago(61), 'migrated', 'carried_over'),
        migrationEvent(ago(59), 'migrated', 'carried_over'),
        migrationEvent(ago(1), 'migrated', 'carried_over'),
        migrationEvent(ago(1), 'refused', 'email_not_verified'),
      ])
    await db
      .insert(claims)
      .values([
        claim('one', 'waiting', ago(59)),
        claim('two', 'waiting', ago(1)),
        claim('old', 'waiting', ago(61)),
        claim('failed', 'failed', ago(1)),
      ])
    expect(await readMigrationPace(everybody, now)).toMatchObject({
      migratedLastMinute: 2,
      heldBackLastMinute: 2,
    })
  })

  it('estimates the time left for the legacy sessions of the last hour that can still be migrated', async () => {
    await db
      .insert(sightings)
      .values([
        ...Array.from({ length: 10 }, (_, index) => seen(`session-${index}`, ago(3_000))),
        seen('migrated', ago(10)),
        seen('refused', ago(10)),
        seen('long-ago', ago(3_601)),
        seen('at-stytch', ago(10), 'stytch'),
      ])
    await db
      .insert(claims)
      .values([claim('migrated', 'migrated', ago(10)), claim('refused', 'refused', ago(10))])
    await db
      .insert(events)
      .values(Array.from({ length: 5 }, () => migrationEvent(ago(30), 'migrated', 'carried_over')))
    expect(await readMigrationPace(everybody, now)).toMatchObject({
      remaining: 10,
      secondsLeft: 120,
    })
    expect(await readMigrationPace(rolling({ percent: 50 }), now)).toMatchObject({
      remaining: 5,
      secondsLeft: 60,
    })
    expect(await readMigrationPace(presets['before-the-migration'], now)).toMatchObject({
      remaining: 0,
    })
  })

  it('counts each user with MFA who is kept back once, until the user is at Stytch', async () => {
    const kept = (subject: string) => migrationEvent(ago(90), 'refused', 'mfa_required', subject)
    await db.insert(events).values([kept('auth0|ada'), kept('auth0|ada'), kept('auth0|grace')])
    expect(await readMigrationPace(everybody, now)).toMatchObject({ keptBackForMfa: 2 })

    const profile = {
      email: 'ada@example.com',
      name: 'Ada',
      isCurrent: true,
      session: { key: 'session', startedAt: now },
      proof: { by: 'session', at: now },
    }
    const account = await openAccount({ ...profile, issuer, subject: 'auth0|ada' })
    expect(await readMigrationPace(everybody, now)).toMatchObject({ keptBackForMfa: 2 })
    await linkIdentity(account, { ...profile, issuer: stytchIssuerName(), subject: 'user-test-1' })
    expect(await readMigrationPace(everybody, now)).toMatchObject({ keptBackForMfa: 1 })
  })
})

it.each([
  [0, 0, 0],
  [0, 5, 0],
  [10, 0, null],
  [90, 60, 90],
  [1, 300, 1],
])('%i sessions take at %i a minute %j seconds', (remaining, migrated, seconds) => {
  expect(secondsLeft(remaining, migrated)).toBe(seconds)
})
