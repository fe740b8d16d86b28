import { sealData } from 'iron-session'
import { beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { openTestDatabase } from '../db/testing'

const before = 'b'.repeat(32)
const after = 'a'.repeat(32)
const now = new Date('2026-06-01T12:00:00Z')

/** The stores of an instance with its own `COOKIE_SECRET`. All instances share the database. */
async function instance(secret: string) {
  vi.resetModules()
  Object.assign(process.env, appEnvironment, { COOKIE_SECRET: secret })
  const { config } = await import('../config')
  config()
  const [flags, claims, passwords] = await Promise.all([
    import('./cohort/flag-cookie'),
    import('./migration/claim'),
    import('./mirror/pending-password'),
  ])
  return { ...flags, ...claims, ...passwords }
}

let old: Awaited<ReturnType<typeof instance>>
let rotated: typeof old
beforeAll(async () => {
  await openTestDatabase()
})
beforeEach(async () => {
  old = await instance(`${before},${after}`)
  rotated = await instance(`${after},${before}`)
})

const flag = {
  visitorId: crypto.randomUUID(),
  flow: 'stytch' as const,
  pin: 'stytch' as const,
  organization: 'acme',
  isNewSignUp: false,
  keptOnLegacy: null,
}

it('keeps the flag cookie of a device, and seals it anew with the new secret', async () => {
  const cookie = await old.flagCookie(flag)
  expect(await rotated.openFlag(cookie.value)).toEqual({ ...flag, isOutdated: true })
  const anew = await rotated.flagCookie(flag)
  expect(await old.openFlag(anew.value)).toMatchObject(flag)
  const single = await instance(after)
  expect(await single.openFlag(anew.value)).toEqual(flag)
  expect(await single.openFlag(cookie.value)).toBeNull()
})

it('finds the Stytch session of a migrated session, so that none is migrated twice', async () => {
  const keys = { sessionKey: crypto.randomUUID(), tokenKey: crypto.randomUUID() }
  const attempt = await old.takeClaim(keys, now)
  if (attempt.state !== 'taken') throw new Error(attempt.state)
  const expiresAt = new Date(now.getTime() + 3_600_000)
  await old.settleMigrated(attempt.claim, { sessionToken: 'the-session', expiresAt }, now)
  for (const each of [old, rotated]) {
    expect(await each.takeClaim(keys, now)).toMatchObject({
      state: 'migrated',
      sessionToken: 'the-session',
    })
  }
})

it('opens a password that waits for the mirror', async () => {
  const { database } = await import('../db/database')
  const { accounts } = await import('../db/schema')
  const db = await database()
  const id = `acct_${crypto.randomUUID()}`
  await db
    .insert(accounts)
    .values({ id, email: `${id}@example.com`, emailVerified: true, name: '' })
  const sealed = await old.sealPassword(id, 'a-password')
  const realNow = new Date()
  await old.storePendingPassword(db, id, sealed, { now: realNow, forNewRecord: true })
  expect(await rotated.readPendingPassword(id, realNow)).toMatchObject({ password: 'a-password' })
})

it('opens the cookies of a version that knew one secret only', async () => {
  const sealed = await sealData(flag, { password: before, ttl: 3_600 })
  expect(await rotated.openFlag(sealed)).toEqual({ ...flag, isOutdated: true })
  expect(await old.openFlag(sealed)).toEqual(flag)
})
