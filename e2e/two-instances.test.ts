import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Account, Profile } from '../lib/account/account'
import type { ClaimAttempt } from '../lib/cutover/migration/claim'
import type { PolicyInForce } from '../lib/cutover/policy/document'
import { createTestDatabase } from '../lib/db/testing'
import { type Instance, type Outcome, startInstance } from './instance'

const modules = [
  'account/account',
  'cutover/migration/brake',
  'cutover/migration/claim',
  'cutover/policy/store',
  'revocation/revocation-list',
]
let one: Instance
let two: Instance
let url: string

beforeAll(async () => {
  url = await createTestDatabase()
  ;[one, two] = (await Promise.all([startInstance(url, modules), startInstance(url, modules)])) as [
    Instance,
    Instance,
  ]
})

afterAll(() => Promise.all([one?.stop(), two?.stop()]))

/** Runs the same calls on both instances at the same time. */
async function onBoth<T>(module: string, name: string, calls: unknown[][]): Promise<Outcome<T>[]> {
  const outcomes = await Promise.all([
    one.call<T>(module, name, calls),
    two.call<T>(module, name, calls),
  ])
  return outcomes.flat()
}

function given<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value
  throw new Error(outcome.code)
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('the brake', () => {
  it('lets two instances together start no more migrations in a second than its limit', async () => {
    const limit = 3
    const calls = Array.from({ length: 100 }, () => [limit, new Date()])
    const answers = await onBoth<Date | null>('cutover/migration/brake', 'passBrake', calls)
    const passed = answers.map(given).filter((retryAt) => retryAt === null).length

    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ asked: number }>('select asked from migration_rate')
    await client.end()
    const allowed = rows.map(({ asked }) => Math.min(asked, limit))
    expect(rows.reduce((sum, { asked }) => sum + asked, 0)).toBe(200)
    expect(passed).toBe(allowed.reduce((sum, count) => sum + count, 0))
    expect(passed).toBeGreaterThanOrEqual(limit)
    expect(passed).toBeLessThanOrEqual(limit * rows.length)
  })
})

describe('the claim', () => {
  const now = new Date()
  const take = async (sessions: string[], at: Date) => {
    const calls = sessions.map((key) => [{ sessionKey: key, tokenKey: `token-of-${key}` }, at])
    const outcomes = await onBoth<ClaimAttempt>('cutover/migration/claim', 'takeClaim', calls)
    return outcomes.map(given).map(({ state }) => state)
  }
  const countOf = (states: string[], state: string) =>
    states.filter((each) => each === state).length

  it('of one session is taken once, though forty calls on two instances race for it', async () => {
    const states = await take(Array(20).fill('one'), now)
    expect([countOf(states, 'taken'), countOf(states, 'busy')]).toEqual([1, 39])
  })

  it('of each of twenty sessions is taken once by either instance', async () => {
    const states = await take(
      numbers(20).map((n) => `session-${n}`),
      now,
    )
    expect([countOf(states, 'taken'), countOf(states, 'busy')]).toEqual([20, 20])
  })

  it('whose lease has expired is taken over once', async () => {
    const expired = new Date(now.getTime() + 61_000)
    const states = await take(
      numbers(20).map((n) => `session-${n}`),
      expired,
    )
    expect([countOf(states, 'taken'), countOf(states, 'busy')]).toEqual([20, 20])
  })

  it('of one session is shared by a page, which has its sid, and an API call, which has its token', async () => {
    const keys = numbers(20).map((n) => ({ sessionKey: `sid-${n}`, tokenKey: `shared-token-${n}` }))
    const [byPage, byApi] = await Promise.all([
      one.call<ClaimAttempt>(
        'cutover/migration/claim',
        'takeClaim',
        keys.map((each) => [each, now]),
      ),
      two.call<ClaimAttempt>(
        'cutover/migration/claim',
        'takeClaim',
        keys.map(({ tokenKey }) => [{ sessionKey: tokenKey, tokenKey }, now]),
      ),
    ])
    for (const n of numbers(20)) {
      const states = [byPage[n], byApi[n]].map((each) => each && given(each).state)
      expect(states.toSorted()).toEqual(['busy', 'taken'])
    }
  })
})

describe('a copy of a session', () => {
  const issuer = 'stytch.com/project-test-1'
  const list = 'revocation/revocation-list'
  const startedAt = new Date(Date.now() - 60_000)
  const listed = numbers(20).map((n) => ({
    issuer,
    subject: `user-${n}`,
    sessionId: `copied-${n}`,
    startedAt,
  }))
  const find = () =>
    onBoth<string | null>(
      list,
      'findRevocation',
      listed.map((each) => [each]),
    )

  it('is refused on both instances after a sign-out at one, without an answer of the provider', async () => {
    expect((await find()).map(given)).toEqual(Array(40).fill(null))
    const now = new Date()
    const expiresAt = new Date(now.getTime() + 3_600_000)
    const signOuts = await one.call<void>(
      list,
      'listSession',
      listed.map((each) => [{ ...each, expiresAt }, 'signed_out', now]),
    )
    signOuts.map(given)
    expect((await find()).map(given)).toEqual(Array(40).fill('session_ended'))
  })
})

describe('the policy', () => {
  const everybody = { cohort: 'everybody', carrySessions: true, note: '' }
  const append = (expected: number | null) => [everybody, 'ada@example.com', expected]

  it('is changed by one of many operators who read the same version', async () => {
    const outcomes = await onBoth<PolicyInForce>(
      'cutover/policy/store',
      'appendPolicy',
      numbers(10).map(() => append(1)),
    )
    expect(outcomes.filter((each) => 'value' in each)).toHaveLength(1)
    expect(
      outcomes.filter((each) => 'code' in each && each.code === 'policy_conflict'),
    ).toHaveLength(19)
    const history = await two.call<{ version: number }[]>('cutover/policy/store', 'policyHistory', [
      [100],
    ])
    expect(history.flatMap(given)).toMatchObject([{ version: 2 }])
  })

  it('that one instance changes is in force on the other within five seconds', async () => {
    const inForce = async () =>
      (await two.call<PolicyInForce>('cutover/policy/store', 'policyInForce', [[]])).map(given)
    await inForce()
    const [changed] = await one.call<PolicyInForce>('cutover/policy/store', 'appendPolicy', [
      append(null),
    ])
    const wanted = changed && given(changed).version
    await vi.waitFor(async () => expect(await inForce()).toMatchObject([{ version: wanted }]), {
      timeout: 5_000,
      interval: 100,
    })
  })
})

describe('an account', () => {
  const legacy = 'https://tenant.example/'
  const stytch = 'stytch.com/project-test-1'
  const profile = (over: Partial<Profile>): Profile => ({
    issuer: legacy,
    subject: 'auth0|1',
    email: 'ada@example.com',
    name: 'Ada',
    isCurrent: true,
    session: { key: 'session', startedAt: new Date(0) },
    proof: { by: 'session', at: new Date(0) },
    ...over,
  })
  const open = (instance: Instance, profiles: Profile[]) =>
    instance
      .call<Account>(
        'account/account',
        'openAccount',
        profiles.map((each) => [each]),
      )
      .then((outcomes) => outcomes.map(given).map(({ id }) => id))

  it('is opened once for an address that both instances see at once, each from another provider', async () => {
    const people = numbers(20).map((n) => ({
      subject: `both-${n}`,
      email: `both-${n}@example.com`,
    }))
    const [fromLegacy, fromStytch] = await Promise.all([
      open(
        one,
        people.map((each) => profile(each)),
      ),
      open(
        two,
        people.map((each) => profile({ ...each, issuer: stytch })),
      ),
    ])
    expect(fromStytch).toEqual(fromLegacy)
    expect(new Set(fromLegacy).size).toBe(20)
  })

  it('is opened once for an identity that both instances see for the first time', async () => {
    const people = numbers(20).map((n) =>
      profile({ subject: `new-${n}`, email: `new-${n}@example.com` }),
    )
    const [here, there] = await Promise.all([open(one, people), open(two, people)])
    expect(there).toEqual(here)
    expect(new Set(here).size).toBe(20)
  })

  it("refuses a pre-hijacker's JWT on one instance as soon as the owner proves the address on the other", async () => {
    const identity = { issuer: stytch, subject: 'hijacked', email: 'grace@example.com' }
    const attacker = profile({ ...identity, proof: null })
    await open(one, [attacker])
    const session = { key: 'session of the owner', startedAt: new Date() }
    const owner = profile({ ...identity, session, proof: { by: session.key, at: new Date() } })
    await open(two, [owner])
    const outcomes = await onBoth<Account>('account/account', 'openAccount', [[attacker]])
    expect(outcomes).toEqual([{ code: 'session_unproved' }, { code: 'session_unproved' }])
  })

  it('is opened once for an identity that arrives with an old and with a new address at once', async () => {
    const people = numbers(20).map((n) =>
      profile({ subject: `moved-${n}`, email: `old-${n}@example.com` }),
    )
    const moved = people.map((each, n) => ({ ...each, email: `new-${n}@example.org` }))
    const [here, there] = await Promise.all([open(one, people), open(two, moved)])
    expect(there).toEqual(here)
  })
  it('is the one that an identity is linked to, though the link is made at that moment', async () => {
    const owners = await one.call<Account>(
      'account/account',
      'openAccount',
      numbers(20).map((n) => [profile({ subject: `owner-${n}`, email: `owner-${n}@example.com` })]),
    )
    const people = numbers(20).map((n) =>
      profile({ issuer: stytch, subject: `linked-${n}`, email: `linked-${n}@example.com` }),
    )
    const [opened, linked] = await Promise.all([
      open(one, people),
      two.call<boolean>(
        'account/account',
        'linkIdentity',
        people.map((each, n) => [owners.map(given)[n], each]),
      ),
    ])
    const owned = owners.map(given).map(({ id }, n) => opened[n] === id)
    expect(linked.map(given)).toEqual(owned)
  })
})
