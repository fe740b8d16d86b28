import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../db/database'
import { accounts } from '../db/schema'
import { openTestDatabase } from '../db/testing'
import { findAccount, linkIdentity, openAccount, subjectsOf } from './account'

const legacy = 'https://tenant.example/'
const stytch = 'stytch.com/project-test-1'
const profile = (over: object = {}) => ({
  issuer: legacy,
  subject: `auth0|${crypto.randomUUID()}`,
  email: `${crypto.randomUUID()}@example.com`,
  emailVerified: true,
  name: 'Ada Lovelace',
  ...over,
})

let db: Database
beforeAll(async () => {
  db = await openTestDatabase()
})

describe('openAccount', () => {
  it('makes one account for one identity, however many ask at once', async () => {
    const person = profile()
    const found = await Promise.all(Array.from({ length: 8 }, () => openAccount(person)))
    expect(new Set(found.map(({ id }) => id)).size).toBe(1)
    const rows = await db.select().from(accounts)
    expect(rows.filter(({ email }) => email === person.email)).toHaveLength(1)
  })

  it('joins two identities of one address that both sides verified', async () => {
    const person = profile()
    const before = await openAccount(person)
    const after = await openAccount(
      profile({ issuer: stytch, subject: 'user-1', email: person.email.toUpperCase() }),
    )
    expect(after.id).toBe(before.id)
  })

  it.each([
    ['the new one is not verified', true, false],
    ['the old one is not verified', false, true],
    ['neither is verified', false, false],
  ])('refuses to join by address when %s (pre-hijacking)', async (_, old, fresh) => {
    const person = profile({ emailVerified: old })
    const before = await openAccount(person)
    const after = await openAccount(
      profile({
        issuer: stytch,
        subject: crypto.randomUUID(),
        email: person.email,
        emailVerified: fresh,
      }),
    )
    expect(after.id).not.toBe(before.id)
  })

  it('finds the account of the identity that someone is known to have had, verified or not', async () => {
    const person = profile()
    const before = await openAccount(person)
    const now = profile({ issuer: stytch, subject: 'user-2', emailVerified: false })
    expect((await openAccount(now, { issuer: legacy, subject: person.subject })).id).toBe(before.id)
  })

  it('does not mistake the same subject of another issuer for the same person', async () => {
    const person = profile()
    const before = await openAccount(person)
    const other = await openAccount(profile({ issuer: stytch, subject: person.subject }))
    expect(other.id).not.toBe(before.id)
  })
})

describe('linkIdentity', () => {
  it('adds an identity to an account', async () => {
    const account = await openAccount(profile())
    const identity = profile({ issuer: stytch, subject: crypto.randomUUID() })
    expect(await linkIdentity(account, identity)).toBe(true)
    expect((await findAccount(identity))?.id).toBe(account.id)
    expect(await subjectsOf(account, stytch)).toEqual([identity.subject])
  })

  it('refuses to move an identity from one account to another', async () => {
    const [one, two] = [await openAccount(profile()), await openAccount(profile())]
    const identity = profile({ issuer: stytch, subject: crypto.randomUUID() })
    await linkIdentity(one, identity)
    expect(await linkIdentity(two, identity)).toBe(false)
    expect((await findAccount(identity))?.id).toBe(one.id)
  })
})
