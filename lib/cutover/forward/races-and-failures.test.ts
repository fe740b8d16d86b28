import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { findIdentity } from '../../account/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { importRun } from '../backfill/import/import'
import { createLimiter } from '../backfill/import/limiter'
import { backfillRows } from '../backfill/schema'
import { newUsers, planUsers, type TestUser, usersAtStytch } from '../backfill/testing'
import { queue } from '../mirror/queue'
import { forwardQueue } from '../mirror/queue-names'
import { makeJobsDue, newAddress } from '../mirror/testing'
import { legacyPoll } from '../schema'
import { drainForward } from './drain'
import { pollForward } from './poll'
import {
  accountOf,
  addAtAuth0,
  arrive,
  change,
  deliver,
  forwardEvents,
  importedUser,
  listen,
  runJobs,
  setUpForward,
  signUpAtAuth0,
  stytchUser,
} from './testing'

const bed = setUpForward()
const channel = 'log stream'
const secret = appEnvironment.AUTH0_WEBHOOK_SECRET

/** A message of a log stream. */
const log = (type: string, user: Pick<TestUser, 'subject'>, date = new Date()) =>
  JSON.stringify([{ log_id: crypto.randomUUID(), data: { type, date, user_id: user.subject } }])

const tell = async (type: string, user: Pick<TestUser, 'subject'>, date?: Date) =>
  deliver(log(type, user, date), secret)

const inAMinute = () => new Date(Date.now() + 60_000)

async function waitingJobs(): Promise<Set<string>> {
  const jobs = await (await queue()).findJobs<{ subject: string }>(forwardQueue)
  return new Set(jobs.map(({ data }) => data.subject))
}

/** Adds users who all change in one second. */
async function addAt(offsetSeconds: number, count: number): Promise<TestUser[]> {
  await bed.auth0.control('PUT', 'clock', { offsetSeconds })
  const users = newUsers(count)
  const records = users.map(({ subject, email }) => ({ user_id: subject, email, name: 'Ada' }))
  await bed.auth0.control('POST', 'users', { users: records })
  await bed.auth0.control('PUT', 'clock', { offsetSeconds: 0 })
  return users
}

describe('two writers of one user', () => {
  it('two workers make one user', async () => {
    await listen(bed, channel)
    const grace = await signUpAtAuth0(bed)
    for (const type of ['ss', 'sv', 'ss']) await tell(type, grace)
    await Promise.all([drainForward(), drainForward()])
    await runJobs(bed)
    expect(usersAtStytch(bed)).toHaveLength(1)
    expect(await forwardEvents(bed, grace)).toEqual(['written password_unknown'])
  })

  it('a change waits for the import that works on the user, and is not lost', async () => {
    const ada = await addAtAuth0(bed)
    const runId = await planUsers(bed, [ada])
    await bed.db.update(backfillRows).set({ state: 'claimed', leaseEndsAt: inAMinute() })
    await tell('scp', ada)
    expect(await drainForward()).toMatchObject({ failed: 1 })
    // The import had read the hash before, and adds it.
    await bed.db.update(backfillRows).set({ state: 'planned', leaseEndsAt: null })
    await importRun({ runId })
    expect(stytchUser(bed, ada)?.password).toBeDefined()
    await runJobs(bed)
    expect(stytchUser(bed, ada)?.password).toBeUndefined()
    expect(await forwardEvents(bed, ada)).toEqual(['written password_changed'])
  })

  it('a log of a change before the export, replayed after the import, deletes no password', async () => {
    const ada = await importedUser(bed)
    await tell('scp', ada, new Date(Date.now() - 2 * 24 * 60 * 60_000))
    await runJobs(bed)
    expect(stytchUser(bed, ada)?.password).toBeDefined()
    await tell('scp', ada)
    await runJobs(bed)
    expect(stytchUser(bed, ada)?.password).toBeUndefined()
  })

  it('a forward write and an import at the same time make one user, with the password', async () => {
    const users = await Promise.all([addAtAuth0(bed), addAtAuth0(bed), addAtAuth0(bed)])
    const runId = await planUsers(bed, users)
    for (const user of users) await tell('sv', user)
    await Promise.all([importRun({ runId }), drainForward()])
    await runJobs(bed)
    expect(usersAtStytch(bed)).toHaveLength(3)
    for (const user of users) {
      const made = stytchUser(bed, user)
      expect(made?.password).toBeDefined()
      const stytch = await findIdentity({
        issuer: stytchIssuerName(),
        subject: made?.user_id ?? '',
      })
      expect(stytch?.account.id).toBe((await accountOf(user)).id)
    }
  })
})

describe('a provider that fails', () => {
  it('Stytch’s 429 pauses all processes, and the user is made once', async () => {
    const grace = await addAtAuth0(bed)
    await tell('ss', grace)
    const tooMany = { status_code: 429, error_type: 'too_many_requests' }
    await bed.stytch.control('PUT', 'faults', [
      { path: '/v1/users', status: 429, body: tooMany, times: 2 },
    ])
    const pauses: number[] = []
    const call = createLimiter(1_000, {
      pace: {
        take: async () => ({ isGranted: true, at: 1, strikes: 0 }),
        pause: async (at) => void pauses.push(at),
        endStorm: async () => undefined,
      },
    })
    expect(await drainForward({}, call)).toMatchObject({ done: 1, failed: 0 })
    expect(pauses).toEqual([1, 1])
    expect(usersAtStytch(bed)).toHaveLength(1)
  })

  it('an answer of Stytch that is lost makes no second user', async () => {
    const grace = await addAtAuth0(bed)
    await tell('ss', grace)
    await bed.stytch.control('PUT', 'faults', [
      { method: 'POST', path: '/v1/users', loseResponse: true, times: 1 },
    ])
    expect(await drainForward()).toMatchObject({ done: 0, failed: 1 })
    await makeJobsDue(bed)
    expect(await drainForward()).toMatchObject({ done: 1, failed: 0 })
    expect(usersAtStytch(bed)).toHaveLength(1)
    expect(await forwardEvents(bed, grace)).toEqual([
      'failed stytch_unavailable',
      'written password_unknown',
    ])
  })

  it('a lost answer to a new address leaves both identities with it after the next attempt', async () => {
    const ada = await importedUser(bed)
    await listen(bed, channel)
    const email = newAddress()
    await change(bed, ada, { email, email_verified: true })
    await bed.stytch.control('PUT', 'faults', [
      { method: 'PUT', path: '/v1/users/*', loseResponse: true, times: 1 },
    ])
    await arrive(bed, channel)
    expect((await accountOf(ada)).provedEmail).toBe(ada.email)
    await runJobs(bed)
    const subject = stytchUser(bed, ada)?.user_id ?? ''
    const stytch = await findIdentity({ issuer: stytchIssuerName(), subject })
    expect([stytch?.email, (await accountOf(ada)).provedEmail]).toEqual([email, email])
  })

  it('Auth0’s 429 stops the queue until its end, and the change arrives then', async () => {
    const grace = await addAtAuth0(bed)
    await tell('ss', grace)
    await bed.auth0.control('PUT', 'faults', [
      {
        path: '/api/v2/users/*',
        status: 429,
        headers: { 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 60) },
        times: 1,
      },
    ])
    const { failed, pausedUntil } = await drainForward()
    expect(failed).toBe(1)
    expect(pausedUntil?.getTime()).toBeGreaterThan(Date.now() + 50_000)
    await runJobs(bed)
    expect(usersAtStytch(bed)).toHaveLength(1)
  })

  it('the Management API of another tenant, which knows no user, deletes nobody', async () => {
    const ada = await importedUser(bed)
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users/*', status: 404 }])
    await tell('sce', ada)
    // A deletion would wait for the end of the sessions.
    await runJobs(bed)
    await runJobs(bed)
    expect(stytchUser(bed, ada)).toBeDefined()
  })

  it('a refusal of our keys is retried, and writes off no user', async () => {
    const grace = await addAtAuth0(bed)
    await tell('ss', grace)
    await bed.stytch.control('PUT', 'faults', [
      {
        method: 'POST',
        path: '/v1/users',
        status: 401,
        body: { status_code: 401, error_type: 'unauthorized_credentials', error_message: '' },
        times: 1,
      },
    ])
    expect(await drainForward()).toMatchObject({ failed: 1 })
    await runJobs(bed)
    expect(usersAtStytch(bed)).toHaveLength(1)
  })
})

describe('the poll', () => {
  it('a turn that finds more users than Auth0 returns goes on at once, and loses nobody', async () => {
    const start = Date.now()
    // The seed users changed before.
    await bed.db.insert(legacyPoll).values({
      id: 2,
      ranAt: new Date(start - 600_000),
      checkedAt: new Date(start + 605_000),
      cursor: '',
    })
    const users = [...(await addAt(10, 60)), ...(await addAt(20, 60)), ...(await addAt(30, 60))]
    const now = new Date(start + 40_000)
    expect(await pollForward(now, 1)).toBe(100)
    // A turn begins with the users of the last moment of the one before, whose number the clock decides.
    let turns = 1
    while ((await pollForward(now, 1)) !== null) turns += 1
    expect(turns).toBeGreaterThanOrEqual(2)
    expect(turns).toBeLessThanOrEqual(3)
    expect(await waitingJobs()).toEqual(new Set(users.map(({ subject }) => subject)))
  })

  it('the first turn finds what happened since the export, before the switch-on', async () => {
    const ada = await addAtAuth0(bed)
    await planUsers(bed, [ada])
    await change(bed, ada, { name: 'Countess' })
    await pollForward(new Date())
    expect(await waitingJobs()).toContain(ada.subject)
  })

  it('only one of two instances has a turn', async () => {
    await addAtAuth0(bed)
    await pollForward(new Date())
    const later = new Date(Date.now() + 301_000)
    const turns = await Promise.all([pollForward(later), pollForward(later)])
    expect(turns.filter((turn) => turn === null)).toHaveLength(1)
  })

  it('a turn that fails looks at the same time again', async () => {
    await pollForward(new Date())
    const ada = await addAtAuth0(bed)
    await change(bed, ada, { name: 'Countess' })
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users', status: 503, times: 1 }])
    const failed = pollForward(new Date(Date.now() + 301_000))
    await expect(failed).rejects.toMatchObject({ code: 'unavailable' })
    await pollForward(new Date(Date.now() + 602_000))
    expect(await waitingJobs()).toContain(ada.subject)
  })
})
