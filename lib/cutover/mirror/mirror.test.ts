import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { findAccount, linkIdentity, openAccount, subjectsOf } from '../../account/account'
import { config } from '../../config'
import { accounts, events, mirrorPasswords, mirrorSamples } from '../../db/schema'
import * as legacy from '../../legacy/management'
import { perProcess } from '../../per-process'
import { drain } from './drain'
import { announceToMirror, mirrorChange, mirrorPassword } from './enqueue'
import { waitsSeconds } from './password'
import { queue } from './queue'
import { mirrorQueue } from './queue-names'
import { sampleMirror } from './sample'
import { deadJobs, mirrorStatus, retryDead } from './status'
import { sync } from './sync'
import {
  asked,
  everythingStored,
  getsIn,
  goodPassword,
  legacyUsers,
  newAddress,
  openWorld,
  signUp,
  skipBackOff,
  type World,
} from './testing.ts'
import { runWorker } from './worker'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  await world.auth0.control('POST', 'reset')
  const boss = await queue()
  await boss.deleteAllJobs()
  await world.db.delete(mirrorPasswords)
})
afterAll(() => world.close())

const legacyIssuer = () => config().auth0.issuer
const mails = async () =>
  (await world.auth0.control('GET', 'inbox')).body as { to: string; kind: string; link: string }[]
const debts = () => world.db.select().from(mirrorPasswords)
const eventsOf = async (accountId: string) =>
  (await world.db.select().from(events).where(eq(events.accountId, accountId))).map(
    ({ kind, result, reason }) => `${kind} ${result} ${reason}`,
  )
const down = () => world.auth0.control('PUT', 'faults', [{ path: '*', drop: true }])
const up = () => world.auth0.control('DELETE', 'faults')

describe('somebody who signs up at Stytch', () => {
  it('gets a record, the same password opens the legacy login, and it is the same account', async () => {
    const { account, userId, email } = await signUp(world)
    expect(await legacyUsers(world, email)).toEqual([])
    expect(await drain()).toMatchObject({ done: 1, failed: 0 })

    const [record, ...others] = await legacyUsers(world, email)
    expect(others).toEqual([])
    expect(record).toMatchObject({
      user_id: `auth0|unproved-${account.id}`,
      email_verified: false,
      app_metadata: { account_id: account.id, stytch_user_id: userId },
    })
    expect(await getsIn(world, email, goodPassword)).toBe(true)
    const found = await findAccount({ issuer: legacyIssuer(), subject: record?.user_id ?? '' })
    expect(found?.id).toBe(account.id)
    // No mail: neither to set a password nor to verify the address.
    expect(await mails()).toEqual([])
    expect(await eventsOf(account.id)).toEqual(['mirror created born_password_same'])
  })

  it('gets a mail for setting a password where nobody saw one, and an address as verified as at Stytch', async () => {
    const { email } = await signUp(world, { password: null })
    await drain()
    expect((await legacyUsers(world, email))[0]).toMatchObject({ email_verified: true })
    const sent = await mails()
    expect(sent).toMatchObject([{ to: email, kind: 'set-password' }])
    await world.auth0.form(sent[0]?.link.replace(world.auth0.url, '') ?? '', {
      password: 'set-by-the-mail',
    })
    expect(await getsIn(world, email, 'set-by-the-mail')).toBe(true)
    expect(await debts()).toEqual([])
  })

  it('gets a mail as well when the legacy rules for passwords are stricter', async () => {
    const { email } = await signUp(world)
    await world.auth0.control('PUT', 'faults', [
      {
        method: 'POST',
        path: '/api/v2/users',
        status: 400,
        body: { statusCode: 400, error: 'Bad Request', errorCode: 'invalid_password', message: '' },
        times: 1,
      },
    ])
    await drain()
    expect(await mails()).toMatchObject([{ to: email, kind: 'set-password' }])
    expect(await getsIn(world, email, goodPassword)).toBe(false)
  })

  it('has an account only together with its job', async () => {
    const email = newAddress()
    const { user_id: userId } = await world.stytch.stytch.passwords.create({
      email,
      password: goodPassword,
    })
    const prepare = announceToMirror(userId, { text: goodPassword, isNew: false }, new Date())
    const profile = {
      issuer: 'stytch.com/x',
      subject: userId,
      email,
      emailVerified: false,
      name: '',
      isCurrent: true,
    }
    const fails = openAccount(profile, null, async () => {
      const announce = await prepare()
      return async (tx, account) => {
        await announce(tx, account, 'joined')
        throw new Error('the transaction is rolled back')
      }
    })
    await expect(fails).rejects.toThrow('rolled back')
    expect(await world.db.select().from(accounts).where(eq(accounts.email, email))).toEqual([])
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
    expect(await debts()).toEqual([])
  })

  it('needs no job where there is a record already: on the day of a switch, that is everybody', async () => {
    const subject = 'auth0|6501a0000000000000000002'
    const email = 'grace@example.com'
    const profile = {
      issuer: legacyIssuer(),
      subject,
      email,
      emailVerified: true,
      name: 'Grace',
      isCurrent: true,
    }
    const before = await openAccount(profile)
    const { account } = await signUp(world, { email, password: null })
    expect(account.id).toBe(before.id)
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
    expect(await debts()).toEqual([])
  })
})

describe('the worker', () => {
  it('does the jobs as they come, and none after it was stopped', async () => {
    const worker = runWorker()
    const { email } = await signUp(world)
    await vi.waitFor(async () => expect(await legacyUsers(world, email)).toHaveLength(1), {
      timeout: 10_000,
    })
    await worker.stop()
    const late = await signUp(world)
    expect(await legacyUsers(world, late.email)).toEqual([])
    expect(await mirrorStatus()).toMatchObject({ pending: 1 })
  })

  it('is sampled once a minute, however many instances look', async () => {
    await world.db.delete(mirrorSamples)
    const anotherInstance = () => {
      perProcess('mirror-sample', () => 0).value = 0
    }
    const at = (time: string) => new Date(`2100-01-01T${time}Z`)
    await signUp(world)
    anotherInstance()
    await sampleMirror(at('00:00:01'))
    await drain()
    anotherInstance()
    await sampleMirror(at('00:00:59'))
    await sampleMirror(at('00:01:00'))
    expect(await world.db.select().from(mirrorSamples).orderBy(mirrorSamples.at)).toEqual([
      { at: at('00:00:00'), waiting: 1, dead: 0 },
      { at: at('00:01:00'), waiting: 0, dead: 0 },
    ])
  })

  it('samples what waits, also what the legacy provider has us wait for', async () => {
    await world.db.delete(mirrorSamples)
    perProcess('mirror-sample', () => 0).value = 0
    await down()
    await signUp(world)
    const worker = runWorker()
    const samples = () => world.db.select().from(mirrorSamples)
    await vi.waitFor(async () => expect(await samples()).toMatchObject([{ waiting: 1 }]), {
      timeout: 10_000,
    })
    await worker.stop()
  })

  it('gives back a job whose worker was lost', async () => {
    const { email } = await signUp(world)
    const boss = await queue()
    await boss.fetch(mirrorQueue)
    expect(await drain()).toMatchObject({ done: 0 })
    await world.db.execute(sql`update pgboss.job set started_on = now() - interval '1 hour'`)
    await world.db.execute(sql`update pgboss.queue set monitor_on = null, monitor_claim_on = null`)
    await boss.supervise()
    await skipBackOff(world.db)
    expect(await drain()).toMatchObject({ done: 1 })
    expect(await legacyUsers(world, email)).toHaveLength(1)
  })

  it('has nothing to do while the mirror is off, and the event says so', async () => {
    const settings = config().auth0
    const { management } = settings
    settings.management = null
    try {
      const { account } = await signUp(world)
      expect(await eventsOf(account.id)).toEqual(['mirror off not_configured'])
      expect(await mirrorStatus()).toMatchObject({ on: false })
      expect(await debts()).toEqual([])
    } finally {
      settings.management = management
    }
  })
})

describe('one record, whatever happens', () => {
  it('when the job runs twice, and when two workers are at it', async () => {
    const { account, userId, email } = await signUp(world)
    await mirrorChange({ accountId: account.id, userId, change: 'changed' }, crypto.randomUUID())
    await Promise.all([drain(), drain()])
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await asked(world, 'POST', '/api/v2/users')).toBe(1)
  })

  it('when two attempts at the same job overlap', async () => {
    const { account, userId, email } = await signUp(world)
    const job = { accountId: account.id, userId, change: 'born' } as const
    await Promise.allSettled([sync(job, new Date()), sync(job, new Date())])
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await getsIn(world, email, goodPassword)).toBe(true)
  })

  it('when the answer is lost after the record was made', async () => {
    const { account, email } = await signUp(world, { password: null })
    await drain()
    // As it is when the worker dies before it writes anything down: the job comes again, the mail is owed.
    await world.db.insert(mirrorPasswords).values({
      accountId: account.id,
      forNewRecord: true,
      version: 'again',
    })
    const [userId = ''] = await subjectsOf(account, `stytch.com/${config().stytch.projectId}`)
    const boss = await queue()
    await boss.send(mirrorQueue, { accountId: account.id, userId, change: 'born' })
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await debts()).toEqual([])
    expect(await mails()).toHaveLength(2)
  })

  it('and whoever signs in at the legacy login between making and linking finds the same account', async () => {
    const { account, email } = await signUp(world)
    // The moment after the record was made, the worker dies.
    await legacy.createRecord(`unproved-${account.id}`, {
      email,
      emailVerified: false,
      name: email,
      password: goodPassword,
      metadata: {},
    })
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await subjectsOf(account, legacyIssuer())).toEqual([`auth0|unproved-${account.id}`])
  })
})

describe('the legacy provider is away', () => {
  it('loses nothing, and makes the record once it is back', async () => {
    await down()
    const { account, email } = await signUp(world)
    expect(await drain()).toMatchObject({ done: 0, failed: 1 })
    expect(await mirrorStatus()).toMatchObject({ retrying: 1, dead: 0 })
    await skipBackOff(world.db)
    await drain()
    await up()
    // Not due yet: the back-off is honoured.
    expect(await drain()).toMatchObject({ done: 0, failed: 0 })
    await skipBackOff(world.db)
    expect(await drain()).toMatchObject({ done: 1 })
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await getsIn(world, email, goodPassword)).toBe(true)
    expect(await mirrorStatus()).toMatchObject({ pending: 0, retrying: 0, oldestSeconds: null })
    expect(await eventsOf(account.id)).toEqual([
      'mirror failed legacy_unavailable',
      'mirror failed legacy_unavailable',
      'mirror created born_password_same',
    ])
  })

  it('waits longer and longer, and not in step with others', async () => {
    await down()
    await signUp(world)
    const waits: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      await drain()
      const { rows } = (await world.db.execute(
        sql`select extract(epoch from start_after - now())::float8 as wait from pgboss.job where state = 'retry'`,
      )) as unknown as { rows: { wait: number }[] }
      waits.push(rows[0]?.wait ?? 0)
      await skipBackOff(world.db)
    }
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThan(3 * 2 ** index - 1)
      expect(wait).toBeLessThanOrEqual(3 * 2 ** (index + 1))
    }
  })

  it.each([
    ['Retry-After', () => ({ 'retry-after': '600' })],
    [
      'X-RateLimit-Reset',
      () => ({ 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1_000) + 600) }),
    ],
  ])('does not come back before %s says so, with any job', async (_, headersNow) => {
    await signUp(world)
    await signUp(world)
    await world.auth0.control('PUT', 'faults', [
      { path: '/api/v2/*', status: 429, headers: headersNow(), times: 1 },
    ])
    const { pausedUntil, done, failed } = await drain()
    expect({ done, failed }).toEqual({ done: 0, failed: 1 })
    expect((pausedUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(500_000)
    const { rows } = (await world.db.execute(
      sql`select extract(epoch from start_after - now())::float8 as wait from pgboss.job where state = 'retry'`,
    )) as unknown as { rows: { wait: number }[] }
    expect(rows[0]?.wait).toBeGreaterThan(500)
    expect(rows[0]?.wait).toBeLessThan(605)
  })

  it('gives up at last, visibly, and goes on when an operator says so', async () => {
    await down()
    const { account, email } = await signUp(world)
    await world.db.execute(sql`update pgboss.job set retry_limit = 1`)
    await drain()
    await skipBackOff(world.db)
    await drain()
    expect(await mirrorStatus()).toMatchObject({ pending: 0, retrying: 0, dead: 1 })
    const [dead] = await deadJobs()
    expect(dead).toMatchObject({
      accountId: account.id,
      change: 'born',
      reason: 'legacy_unavailable',
    })
    await up()
    expect(await retryDead(dead?.id ?? '')).toBe(true)
    expect(await retryDead(dead?.id ?? '')).toBe(false)
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await mirrorStatus()).toMatchObject({ dead: 0 })
  })
})

describe('a password', () => {
  it('is never readable in the database, and gone once it was written', async () => {
    const { account } = await signUp(world)
    const waiting = await everythingStored(world.db)
    expect(waiting).toContain('Fe26.2')
    expect(waiting).not.toContain(goodPassword)
    await drain()
    const done = await everythingStored(world.db)
    expect(done).toContain(account.id)
    expect(done).not.toContain('Fe26.2')
    expect(done).not.toContain(goodPassword)
  })

  it('that has waited for a day gives way to the mail', async () => {
    const yesterday = new Date(Date.now() - (waitsSeconds + 60) * 1_000)
    const { email } = await signUp(world, { now: yesterday })
    await drain()
    expect(await getsIn(world, email, goodPassword)).toBe(false)
    expect(await mails()).toMatchObject([{ to: email, kind: 'set-password' }])
  })

  it('that was changed at Stytch is changed at the legacy login', async () => {
    const { account, userId, email } = await signUp(world)
    await drain()
    await mirrorPassword(account, userId, 'another-otter-lamp-74', new Date())
    await drain()
    expect(await getsIn(world, email, goodPassword)).toBe(false)
    expect(await getsIn(world, email, 'another-otter-lamp-74')).toBe(true)
    expect(await debts()).toEqual([])
  })

  it('the newest one wins, though an older job is tried again later', async () => {
    await down()
    const { account, userId, email } = await signUp(world)
    await drain()
    await mirrorPassword(account, userId, 'another-otter-lamp-74', new Date())
    await up()
    // The new job first, then the old one, whose back-off ends later.
    await drain()
    await skipBackOff(world.db)
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await getsIn(world, email, 'another-otter-lamp-74')).toBe(true)
    expect(await mails()).toEqual([])
  })

  it('refuses one that was sealed for another account', async () => {
    const [one, two] = [
      await signUp(world),
      await signUp(world, { password: 'other-otter-lamp-74' }),
    ]
    const rows = await debts()
    const sealed = rows.find(({ accountId }) => accountId === one.account.id)?.sealed ?? ''
    await world.db
      .update(mirrorPasswords)
      .set({ sealed })
      .where(eq(mirrorPasswords.accountId, two.account.id))
    await drain()
    expect(await getsIn(world, two.email, goodPassword)).toBe(false)
    expect(await mails()).toMatchObject([{ to: two.email, kind: 'set-password' }])
  })
})

describe('an address that the legacy provider knows', () => {
  it('refuses to let whoever signs up with it at Stytch into its account, or to change its password', async () => {
    const email = 'claude@acme.example'
    const thief = await signUp(world, { email })
    await drain()
    expect(await mirrorStatus()).toMatchObject({ dead: 1 })
    expect(await deadJobs()).toMatchObject([
      { accountId: thief.account.id, reason: 'address_taken' },
    ])
    expect(await getsIn(world, email, goodPassword)).toBe(false)
    expect(await getsIn(world, email, demoPassword)).toBe(true)
    expect(await subjectsOf(thief.account, legacyIssuer())).toEqual([])
  })

  it('is linked where both sides verified it, and keeps its password', async () => {
    const email = 'barbara@acme.example'
    const { account } = await signUp(world, { email, password: null })
    await drain()
    expect(await subjectsOf(account, legacyIssuer())).toEqual(['auth0|6501a0000000000000000004'])
    expect(await getsIn(world, email, demoPassword)).toBe(true)
    expect(await mails()).toEqual([])
    expect(await eventsOf(account.id)).toEqual(['mirror linked born_password_untouched'])
  })
})

describe('an address that is proved at Stytch only later', () => {
  it('refuses whoever signed up with it before: their password opens no legacy login, their session nothing of the owner’s', async () => {
    const stranger = await signUp(world)
    const { email } = stranger
    await drain()
    expect(await getsIn(world, email, goodPassword)).toBe(true)
    const [squatted = ''] = await subjectsOf(stranger.account, legacyIssuer())

    const owner = await signUp(world, { email, password: null })
    expect(owner.account.id).toBe(stranger.account.id)
    // From this moment, and not only once the job was done.
    const found = await findAccount({ issuer: legacyIssuer(), subject: squatted })
    expect(found?.id).not.toBe(owner.account.id)

    await drain()
    expect(await getsIn(world, email, goodPassword)).toBe(false)
    expect(await legacyUsers(world, email)).toMatchObject([
      { user_id: `auth0|${owner.account.id}`, email_verified: true },
    ])
    expect(await subjectsOf(owner.account, legacyIssuer())).toEqual([`auth0|${owner.account.id}`])
    expect(await mails()).toMatchObject([{ to: email, kind: 'set-password' }])
  })

  it('refuses the stranger’s password also where it was still waiting', async () => {
    await down()
    const { email } = await signUp(world)
    await drain()
    await signUp(world, { email, password: null })
    await up()
    await skipBackOff(world.db)
    await drain()
    expect(await getsIn(world, email, goodPassword)).toBe(false)
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(await mails()).toMatchObject([{ to: email, kind: 'set-password' }])
  })
})

describe('a change at Stytch', () => {
  const tell = (account: { id: string }, userId: string, change: 'changed' | 'deleted') =>
    mirrorChange({ accountId: account.id, userId, change }, crypto.randomUUID())

  it('of the name is a change of the record', async () => {
    const { account, userId, email } = await signUp(world)
    await drain()
    const name = { first_name: 'Mary', last_name: 'Jackson' }
    await world.stytch.stytch.users.update({ user_id: userId, name })
    await tell(account, userId, 'changed')
    await drain()
    expect(await legacyUsers(world, email)).toMatchObject([{ name: 'Mary Jackson' }])
    expect(await getsIn(world, email, goodPassword)).toBe(true)
  })

  it('of the address is a change of the record, and of nothing but the record', async () => {
    const { account, userId, email } = await signUp(world, { password: null })
    await drain()
    const record = world.stytch.project.consumer.users.get(userId)?.user.emails[0]
    const moved = newAddress()
    if (record) record.email = moved
    await tell(account, userId, 'changed')
    await drain()
    expect(await legacyUsers(world, email)).toEqual([])
    expect(await legacyUsers(world, moved)).toMatchObject([
      { user_id: `auth0|${account.id}`, email_verified: true },
    ])
  })

  it('refuses to put an address that nobody verified in place of one that was', async () => {
    const { account, userId, email } = await signUp(world, { password: null })
    await drain()
    const record = world.stytch.project.consumer.users.get(userId)?.user.emails[0]
    if (record) Object.assign(record, { email: newAddress(), verified: false })
    await tell(account, userId, 'changed')
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
  })

  it('that deletes the user deletes the record that the mirror made', async () => {
    const { account, userId, email } = await signUp(world)
    await drain()
    await world.stytch.stytch.users.delete({ user_id: userId })
    await tell(account, userId, 'deleted')
    await drain()
    expect(await legacyUsers(world, email)).toEqual([])
    // And who signs up again gets a record again.
    const again = await signUp(world, { email })
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
    expect(again.userId).not.toBe(userId)
  })

  it('that deletes the user only blocks a record that was there before', async () => {
    const subject = 'auth0|6501a0000000000000000006'
    const email = 'dorothy@globex.example'
    const profile = {
      issuer: legacyIssuer(),
      subject,
      email,
      emailVerified: true,
      name: 'Dorothy',
      isCurrent: true,
    }
    const before = await openAccount(profile)
    const { account, userId } = await signUp(world, { email, password: null })
    expect(account.id).toBe(before.id)
    await world.stytch.stytch.users.delete({ user_id: userId })
    await tell(account, userId, 'deleted')
    await drain()
    expect(await legacyUsers(world, email)).toMatchObject([{ blocked: true }])
    expect(await getsIn(world, email, demoPassword)).toBe(false)
  })

  it('refuses to delete anything while Stytch still knows the user, whatever the message says', async () => {
    const { account, userId, email } = await signUp(world)
    await drain()
    await tell(account, userId, 'deleted')
    await drain()
    expect(await legacyUsers(world, email)).toHaveLength(1)
  })

  it('refuses to touch the record of another account', async () => {
    const [one, two] = [await signUp(world), await signUp(world)]
    await drain()
    await world.stytch.stytch.users.delete({ user_id: two.userId })
    await tell(one.account, two.userId, 'deleted')
    await drain()
    expect(await legacyUsers(world, one.email)).toHaveLength(1)
    expect(
      await linkIdentity(one.account, {
        issuer: legacyIssuer(),
        subject: `auth0|unproved-${two.account.id}`,
        email: two.email,
        emailVerified: false,
        name: '',
        isCurrent: true,
      }),
    ).toBe(false)
  })
})
