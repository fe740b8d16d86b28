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
  isCurrent: true,
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

describe('openAccount, when a provider says something new', () => {
  it('notices that an address was verified since', async () => {
    const person = profile({ emailVerified: false })
    const before = await openAccount(person)
    const after = await openAccount({ ...person, emailVerified: true })
    expect(after).toEqual({ ...before, emailVerified: true })
    expect(
      (await openAccount(profile({ issuer: stytch, subject: 'later', email: person.email }))).id,
    ).toBe(before.id)
  })

  it('lets a recycled address go: its former owner moved on', async () => {
    const person = profile()
    const before = await openAccount(person)
    const moved = await openAccount({ ...person, email: `new-${person.email}` })
    expect(moved).toEqual({ ...before, email: `new-${person.email}` })
    const heir = await openAccount(
      profile({ issuer: stytch, subject: 'heir', email: person.email }),
    )
    expect(heir.id).not.toBe(before.id)
  })

  it('gives whoever proves an address their own account, not the one that a stranger made with it', async () => {
    const barbara = await openAccount(profile({ email: 'barbara@pre.example' }))
    const unproven = profile({
      issuer: stytch,
      subject: 'squatted',
      email: 'barbara@pre.example',
      emailVerified: false,
    })
    const stranger = await openAccount(unproven)
    expect(stranger.id).not.toBe(barbara.id)
    expect((await openAccount({ ...unproven, emailVerified: true })).id).toBe(barbara.id)
  })

  it('does not bring an old address back from an older session', async () => {
    const person = profile()
    await openAccount(person)
    await openAccount({ ...person, email: `newer-${person.email}` })
    const old = await openAccount({ ...person, isCurrent: false })
    expect(old.email).toBe(`newer-${person.email}`)
  })

  it('forgets nothing that was verified when another session says less', async () => {
    const person = profile()
    await openAccount(person)
    expect((await openAccount({ ...person, emailVerified: false })).emailVerified).toBe(true)
  })
})

describe('openAccount refuses to mistake', () => {
  it('two subjects of one issuer with one address for one person', async () => {
    const one = await openAccount(profile({ email: 'shared@example.com' }))
    const two = await openAccount(profile({ email: 'shared@example.com' }))
    expect(two.id).not.toBe(one.id)
  })

  it('two people without an address for one', async () => {
    const one = await openAccount(profile({ email: '' }))
    const two = await openAccount(profile({ issuer: stytch, subject: 'nameless', email: '' }))
    expect(two.id).not.toBe(one.id)
  })

  it('an address with look-alike letters for the plain one (Kelvin sign)', async () => {
    const one = await openAccount(profile({ email: 'mike@example.com' }))
    const two = await openAccount(
      profile({ issuer: stytch, subject: 'kelvin', email: 'mi\u212ae@example.com' }),
    )
    expect(two.id).not.toBe(one.id)
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
