import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../db/database'
import { accounts, identities } from '../db/schema'
import { openTestDatabase } from '../db/testing'
import { findAccount, linkIdentity, openAccount, type Profile, subjectsOf } from './account'
import { type SessionFacts, SessionUnproved } from './proof'

const legacy = 'https://tenant.example/'
const stytch = 'stytch.com/project-test-1'
const signedInAt = (seconds: number): SessionFacts => ({
  key: `session-${seconds}`,
  startedAt: new Date(seconds * 1_000),
})
const proofOf = ({ key, startedAt }: SessionFacts) => ({ by: key, at: startedAt })
const first = signedInAt(1_000)
const profile = (over: Partial<Profile> = {}): Profile => ({
  issuer: legacy,
  subject: `auth0|${crypto.randomUUID()}`,
  email: `${crypto.randomUUID()}@example.com`,
  name: 'Ada Lovelace',
  isCurrent: true,
  session: first,
  proof: proofOf(first),
  ...over,
})

let db: Database
beforeAll(async () => {
  db = await openTestDatabase()
})

describe('openAccount', () => {
  it('creates one account for eight simultaneous requests of one identity', async () => {
    const person = profile()
    const found = await Promise.all(Array.from({ length: 8 }, () => openAccount(person)))
    expect(new Set(found.map(({ id }) => id)).size).toBe(1)
    const rows = await db.select().from(accounts)
    expect(rows.filter(({ email }) => email === person.email)).toHaveLength(1)
  })

  it('joins two identities with an address that both providers verified', async () => {
    const person = profile()
    const before = await openAccount(person)
    const after = await openAccount(
      profile({ issuer: stytch, subject: 'user-1', email: person.email.toUpperCase() }),
    )
    expect(after.id).toBe(before.id)
  })

  it.each([
    ['the new provider did not verify it', true, false],
    ['the old provider did not verify it', false, true],
    ['neither provider verified it', false, false],
  ])('refuses to join by an address when %s (pre-hijacking)', async (_, old, fresh) => {
    const person = profile(old ? {} : { proof: null })
    const before = await openAccount(person)
    const after = await openAccount(
      profile({
        issuer: stytch,
        subject: crypto.randomUUID(),
        email: person.email,
        ...(fresh ? {} : { proof: null }),
      }),
    )
    expect(after.id).not.toBe(before.id)
  })

  it('finds the account of a known former identity, though the address is another one', async () => {
    const person = profile()
    const before = await openAccount(person)
    const now = profile({ issuer: stytch, subject: 'user-2' })
    expect((await openAccount(now, { issuer: legacy, subject: person.subject })).id).toBe(before.id)
  })

  it.each([
    ['the new identity proved nothing', profile(), { proof: null }],
    ['the former identity proved nothing', profile({ proof: null }), {}],
  ])('refuses the account of a former identity when %s', async (_, person, over) => {
    const before = await openAccount(person)
    const now = profile({ issuer: stytch, subject: crypto.randomUUID(), ...over })
    const former = { issuer: legacy, subject: person.subject }
    expect((await openAccount(now, former)).id).not.toBe(before.id)
  })

  it('refuses to take the same subject of another issuer for the same user', async () => {
    const person = profile()
    const before = await openAccount(person)
    const other = await openAccount(profile({ issuer: stytch, subject: person.subject }))
    expect(other.id).not.toBe(before.id)
  })
})

describe('openAccount, when a provider sends a new profile,', () => {
  it('stores that an address has been verified', async () => {
    const person = profile({ proof: null })
    const before = await openAccount(person)
    expect(before.provedEmail).toBeNull()
    const after = await openAccount({ ...person, proof: proofOf(first) })
    expect(after).toEqual({ ...before, provedEmail: person.email })
    expect(
      (await openAccount(profile({ issuer: stytch, subject: 'later', email: person.email }))).id,
    ).toBe(before.id)
  })

  it('gives a recycled address to its new owner, and not the account of the former one', async () => {
    const person = profile()
    const before = await openAccount(person)
    const moved = await openAccount({ ...person, email: `new-${person.email}` })
    const email = `new-${person.email}`
    expect(moved).toEqual({ ...before, email, provedEmail: email })
    const heir = await openAccount(
      profile({ issuer: stytch, subject: 'heir', email: person.email }),
    )
    expect(heir.id).not.toBe(before.id)
  })

  it('refuses the account that an attacker created with an address to the user who proves it', async () => {
    const barbara = await openAccount(profile({ email: 'barbara@pre.example' }))
    const unproven = profile({
      issuer: stytch,
      subject: 'squatted',
      email: 'barbara@pre.example',
      proof: null,
    })
    const stranger = await openAccount(unproven)
    expect(stranger.id).not.toBe(barbara.id)
    expect((await openAccount({ ...unproven, proof: proofOf(first) })).id).toBe(barbara.id)
  })

  it('does not restore an old address from an older session', async () => {
    const person = profile()
    await openAccount(person)
    await openAccount({ ...person, email: `newer-${person.email}` })
    const old = await openAccount({ ...person, isCurrent: false })
    expect(old.email).toBe(`newer-${person.email}`)
  })

  it('keeps an address proved when a later session does not prove it', async () => {
    const person = profile()
    await openAccount(person)
    const later = { ...person, session: signedInAt(2_000), proof: null }
    expect((await openAccount(later)).provedEmail).toBe(person.email)
  })
})

describe('a session that began before its identity proved the address', () => {
  const early = signedInAt(500)

  it('is refused, and the session that proved it and later ones are not', async () => {
    const attacker = profile({ session: early, proof: null })
    await openAccount(attacker)
    const owner = await openAccount({ ...attacker, session: first, proof: proofOf(first) })
    await expect(openAccount(attacker)).rejects.toThrow(SessionUnproved)
    for (const session of [first, signedInAt(1_001)]) {
      expect((await openAccount({ ...attacker, session })).id).toBe(owner.id)
    }
  })

  it('is not refused when it proved the address itself', async () => {
    const person = profile()
    const { id } = await openAccount(person)
    const other = { ...person, session: early, proof: proofOf(early) }
    expect((await openAccount(other)).id).toBe(id)
    // A later session without a proof shows that the older proof did not replace the first one.
    await expect(openAccount({ ...other, session: signedInAt(600), proof: null })).rejects.toThrow(
      SessionUnproved,
    )
  })
})

describe('an unproved identity in the account of another one', () => {
  it('is that of an imported user: both providers open one account, until one of the two proves the address', async () => {
    const before = profile({ proof: null })
    const { id } = await openAccount(before)
    const { email } = before
    const subject = crypto.randomUUID()
    const imported = profile({ issuer: stytch, subject, email, proof: null })
    const former = { issuer: legacy, subject: before.subject }
    expect((await openAccount(imported, former)).id).toBe(id)
    expect((await openAccount({ ...imported, proof: proofOf(first) }, former)).id).toBe(id)
    expect((await openAccount(before)).id).not.toBe(id)
  })

  it('gets an account of its own when the other one proves its address, also if an older version joined them', async () => {
    const attacker = profile({ issuer: stytch, subject: crypto.randomUUID(), proof: null })
    const { id } = await openAccount(attacker)
    const owner = profile({ email: attacker.email, proof: null })
    await openAccount(owner)
    await db.update(identities).set({ accountId: id }).where(eq(identities.subject, owner.subject))
    expect((await openAccount({ ...owner, proof: proofOf(first) })).id).toBe(id)
    expect((await openAccount(attacker)).id).not.toBe(id)
  })
})

describe('openAccount refuses to take for one user', () => {
  it('two subjects of one issuer with one address', async () => {
    const one = await openAccount(profile({ email: 'shared@example.com' }))
    const two = await openAccount(profile({ email: 'shared@example.com' }))
    expect(two.id).not.toBe(one.id)
  })

  it('two users without an address', async () => {
    const one = await openAccount(profile({ email: '' }))
    const two = await openAccount(profile({ issuer: stytch, subject: 'nameless', email: '' }))
    expect(two.id).not.toBe(one.id)
  })

  it('an address and its spelling with look-alike letters (Kelvin sign)', async () => {
    const one = await openAccount(profile({ email: 'mike@example.com' }))
    const two = await openAccount(
      profile({ issuer: stytch, subject: 'kelvin', email: 'mi\u212ae@example.com' }),
    )
    expect(two.id).not.toBe(one.id)
  })
})

describe('openAccount stores', () => {
  it.each(['a&b@', 'o!brien@', 'user/dept@', "o'brien@", 'first.last+tag@'])(
    'an address that begins with %s, and joins by it',
    async (start) => {
      const email = `${start}${crypto.randomUUID()}.example.xn--p1ai`
      const one = await openAccount(profile({ email }))
      expect(one).toMatchObject({ email, provedEmail: email })
      const subject = crypto.randomUUID()
      const two = await openAccount(
        profile({ issuer: stytch, subject, email: email.toUpperCase() }),
      )
      expect(two.id).toBe(one.id)
    },
  )

  it.each(['Ada <ada@example.com>', 'ada@example.com, eve@example.com', 'ada'])(
    'the address %j as unverified, whatever the provider says',
    async (email) => {
      expect(await openAccount(profile({ email }))).toMatchObject({ email, provedEmail: null })
    },
  )

  it('an address with other than ASCII letters as proved, and joins no account by it', async () => {
    const email = `jörg-${crypto.randomUUID()}@example.com`
    const one = await openAccount(profile({ email }))
    expect(one.provedEmail).toBe(email)
    const two = await openAccount(profile({ issuer: stytch, subject: crypto.randomUUID(), email }))
    expect(two.id).not.toBe(one.id)
  })

  it('a name and an address with characters that Postgres refuses', async () => {
    const given = profile({ name: 'Ada\0 \ud800', email: 'ada\0@example.com' })
    const account = await openAccount(given)
    expect(account).toMatchObject({ name: 'Ada\ufffd \ufffd', email: 'ada\ufffd@example.com' })
    const [row] = await db.select().from(accounts).where(eq(accounts.id, account.id))
    const { id, email, name } = account
    expect(row).toMatchObject({ id, email, name })
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

  it('refuses to add an identity that proved nothing', async () => {
    const account = await openAccount(profile())
    const identity = profile({ issuer: stytch, subject: crypto.randomUUID(), proof: null })
    expect(await linkIdentity(account, identity)).toBe(false)
    expect(await findAccount(identity)).toBeNull()
  })

  it('moves an identity that proved nothing out of the account that it had alone', async () => {
    const account = await openAccount(profile())
    const identity = profile({ issuer: stytch, subject: crypto.randomUUID(), proof: null })
    await openAccount(identity)
    expect(await linkIdentity(account, { ...identity, proof: proofOf(first) })).toBe(true)
    expect((await findAccount(identity))?.id).toBe(account.id)
  })

  it('refuses to move an identity from one account to another', async () => {
    const [one, two] = [await openAccount(profile()), await openAccount(profile())]
    const identity = profile({ issuer: stytch, subject: crypto.randomUUID() })
    await linkIdentity(one, identity)
    expect(await linkIdentity(two, identity)).toBe(false)
    expect((await findAccount(identity))?.id).toBe(one.id)
  })
})
