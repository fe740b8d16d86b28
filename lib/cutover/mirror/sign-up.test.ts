import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { findAccount, openAccount, subjectsOf } from '../../account/account'
import { accounts } from '../../db/schema'
import * as legacy from '../../legacy/auth0/management'
import { legacyConfig } from '../../legacy/config'
import { mirrorPasswords } from '../schema'
import { drain } from './drain'
import { announceToMirror } from './enqueue'
import { queue } from './queue'
import { mirrorQueue } from './queue-names'
import { mirrorStatus } from './status'
import { syncRecord } from './sync-record'
import {
  auth0Mails,
  canSignIn,
  countRequests,
  eventsOf,
  goodPassword,
  legacyUsers,
  newAddress,
  passphrase,
  pendingPasswords,
  reportChange,
  setUpTestBed,
  signUp,
  signUpUnproved,
} from './testing.ts'

const bed = setUpTestBed()

describe('a user who signs up at Stytch', () => {
  it('gets a legacy record with the same password, and keeps the account', async () => {
    const { account, userId, email } = await signUp(bed)
    expect(await legacyUsers(bed, email)).toEqual([])
    expect(await drain()).toMatchObject({ done: 1, failed: 0 })

    const [record, ...others] = await legacyUsers(bed, email)
    expect(others).toEqual([])
    expect(record).toMatchObject({
      user_id: `auth0|${account.id}`,
      email_verified: true,
      app_metadata: { account_id: account.id, stytch_user_id: userId },
    })
    expect(await canSignIn(bed, email, goodPassword)).toBe(true)
    const found = await findAccount({
      issuer: legacyConfig().issuer,
      subject: record?.user_id ?? '',
    })
    expect(found?.id).toBe(account.id)
    // Neither a mail to set a password nor one to verify the address.
    expect(await auth0Mails(bed)).toEqual([])
    expect(await eventsOf(bed, account)).toEqual(['mirror created born_password_same'])
  })

  it('gets no legacy record and no mail before the address is proved, and its password is not stored', async () => {
    const { account, userId, email } = await signUpUnproved(bed)
    await reportChange({ account, userId }, 'changed')
    await drain()
    expect(await legacyUsers(bed, email)).toEqual([])
    expect(await auth0Mails(bed)).toEqual([])
    expect(await pendingPasswords(bed)).toEqual([])
    expect(await subjectsOf(account, legacyConfig().issuer)).toEqual([])
  })

  it('gets a verified record and a set-password mail after a sign-up by code', async () => {
    const { email } = await signUp(bed, { password: null })
    await drain()
    expect((await legacyUsers(bed, email))[0]).toMatchObject({ email_verified: true })
    const mails = await auth0Mails(bed)
    expect(mails).toMatchObject([{ to: email, kind: 'set-password' }])
    await bed.auth0.form(mails[0]?.link.replace(bed.auth0.url, '') ?? '', {
      password: 'set-by-the-mail',
    })
    expect(await canSignIn(bed, email, 'set-by-the-mail')).toBe(true)
    expect(await pendingPasswords(bed)).toEqual([])
  })

  it('gets a set-password mail when the legacy password policy refuses the password', async () => {
    await bed.auth0.control('PUT', 'tenant', { passwordPolicy: 'good' })
    const { email } = await signUp(bed, { password: passphrase })
    await drain()
    expect(await auth0Mails(bed)).toMatchObject([{ to: email, kind: 'set-password' }])
    expect(await canSignIn(bed, email, passphrase)).toBe(false)
  })

  it('gets no account when the transaction of the mirror job fails', async () => {
    const email = newAddress()
    const { user_id: userId } = await bed.stytch.stytch.passwords.create({
      email,
      password: goodPassword,
    })
    const prepare = announceToMirror(userId, { text: goodPassword, isNew: false }, new Date())
    const session = { key: 'session', startedAt: new Date() }
    const profile = {
      issuer: 'stytch.com/x',
      subject: userId,
      email,
      name: '',
      isCurrent: true,
      session,
      proof: { by: session.key, at: session.startedAt },
    }
    const fails = openAccount(profile, null, async () => {
      const announce = await prepare()
      return async (tx, account) => {
        await announce(tx, account, 'joined')
        throw new Error('the transaction is rolled back')
      }
    })
    await expect(fails).rejects.toThrow('rolled back')
    expect(await bed.db.select().from(accounts).where(eq(accounts.email, email))).toEqual([])
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
    expect(await pendingPasswords(bed)).toEqual([])
  })

  it('needs no job when a legacy record exists, as for all users on the day of an all-at-once switch', async () => {
    const email = 'grace@example.com'
    const legacyAccount = await openAccount({
      issuer: legacyConfig().issuer,
      subject: 'auth0|6501a0000000000000000002',
      email,
      name: 'Grace',
      isCurrent: true,
      session: { key: 'session', startedAt: new Date() },
      proof: { by: 'session', at: new Date() },
    })
    const { account } = await signUp(bed, { email, password: null })
    expect(account.id).toBe(legacyAccount.id)
    expect(await mirrorStatus()).toMatchObject({ pending: 0 })
    expect(await pendingPasswords(bed)).toEqual([])
  })

  it('is named by an event while the mirror is off', async () => {
    const settings = legacyConfig()
    const { management } = settings
    settings.management = null
    try {
      const { account } = await signUp(bed)
      expect(await eventsOf(bed, account)).toEqual(['mirror off not_configured'])
      expect(await mirrorStatus()).toMatchObject({ on: false })
      expect(await pendingPasswords(bed)).toEqual([])
    } finally {
      settings.management = management
    }
  })
})

describe('the mirror creates one record', () => {
  it('when an account has two jobs, and two workers run', async () => {
    const user = await signUp(bed)
    await reportChange(user, 'changed')
    await Promise.all([drain(), drain()])
    await drain()
    expect(await legacyUsers(bed, user.email)).toHaveLength(1)
    expect(await countRequests(bed, 'POST', '/api/v2/users')).toBe(1)
  })

  it('when two attempts at the same job overlap', async () => {
    const { account, userId, email } = await signUp(bed)
    const job = { accountId: account.id, userId, change: 'born' } as const
    await Promise.allSettled([syncRecord(job, new Date()), syncRecord(job, new Date())])
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await canSignIn(bed, email, goodPassword)).toBe(true)
  })

  it('when the worker stops before it stores the result, and the job runs again', async () => {
    const { account, userId, email } = await signUp(bed, { password: null })
    await drain()
    await bed.db.insert(mirrorPasswords).values({
      accountId: account.id,
      forNewRecord: true,
      version: 'again',
    })
    await (await queue()).send(mirrorQueue, { accountId: account.id, userId, change: 'born' })
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await pendingPasswords(bed)).toEqual([])
    expect(await auth0Mails(bed)).toHaveLength(2)
  })

  it('when an attempt stops after it created the record, and the account keeps the record', async () => {
    const { account, email } = await signUp(bed)
    await legacy.createRecord(account.id, {
      email,
      emailVerified: true,
      name: email,
      password: goodPassword,
      metadata: {},
    })
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await subjectsOf(account, legacyConfig().issuer)).toEqual([`auth0|${account.id}`])
  })
})
