import { describe, expect, it } from 'vitest'
import { accounts, identities, revocations } from '../../db/schema'
import { drainRevocations } from './drain'
import { pollLegacyUsers } from './poll'
import { block, carriedOver, checkStytch, hear, remove, setUpPeople, unblock } from './testing.ts'

const bed = setUpPeople()

describe.each([
  ['blocked', block, 'user_deleted'],
  ['deleted', remove, 'session_ended'],
] as const)('a user who was %s at Auth0', (_, act, code) => {
  it('is found by the poll without a message', async () => {
    const [grace, claude] = [await carriedOver(), await carriedOver()]
    const start = Date.now()
    expect(await pollLegacyUsers(new Date(start))).toBeNull()
    await act(grace)
    expect(await pollLegacyUsers(new Date(start + 299_000))).toBeNull()
    expect(await pollLegacyUsers(new Date(start + 301_000))).toBe(1)
    await drainRevocations()
    expect(await checkStytch(grace.stytch)).toBe(code)
    expect(await checkStytch(claude.stytch)).toBeNull()
    expect(await pollLegacyUsers(new Date(start + 602_000))).toBe(0)
  })
})

it('a user who was unblocked at Auth0 is found by the poll', async () => {
  const grace = await carriedOver()
  await block(grace)
  await hear(grace.legacy.subject)
  await pollLegacyUsers(new Date())
  await unblock(grace)
  expect(await pollLegacyUsers(new Date(Date.now() + 301_000))).toBe(1)
  await drainRevocations()
  expect(await checkStytch(grace.stytch)).toBe('session_ended')
})

it('the Management API of another tenant, which knows no user, logs nobody out', async () => {
  const issuer = `${bed.auth0.url}/`
  const people = Array.from({ length: 12 }, (_, n) => ({ id: `acct_stranger_${n}`, n }))
  const facts = { email: '', emailVerified: false }
  await bed.db.insert(accounts).values(people.map(({ id }) => ({ id, ...facts, name: '' })))
  await bed.db.insert(identities).values(
    people.map(({ id, n }) => ({
      issuer,
      subject: `auth0|stranger_${n}`,
      accountId: id,
      ...facts,
    })),
  )
  await pollLegacyUsers(new Date())
  const turn = pollLegacyUsers(new Date(Date.now() + 301_000))
  await expect(turn).rejects.toMatchObject({ code: 'too_many_missing' })
  expect(await drainRevocations()).toEqual({ done: 0, failed: 0 })
  expect(await bed.db.$count(revocations)).toBe(0)
})
