import { describe, expect, it } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { findAccount, linkIdentity, subjectsOf } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { drain } from './drain'
import { deadJobs, mirrorStatus } from './status'
import {
  auth0Mails,
  breakAuth0,
  canSignIn,
  eventsOf,
  goodPassword,
  legacyUsers,
  makeJobsDue,
  reportChange,
  restoreAuth0,
  setUpTestBed,
  signUp,
} from './testing.ts'

const bed = setUpTestBed()
const legacySubjects = (account: Parameters<typeof subjectsOf>[0]) =>
  subjectsOf(account, legacyConfig().issuer)

describe('an address that exists at the legacy provider', () => {
  it('refuses an attacker who signs up with it at Stytch: no access to the account, no new password', async () => {
    const email = 'claude@acme.example'
    const attacker = await signUp(bed, { email })
    await drain()
    expect(await mirrorStatus()).toMatchObject({ dead: 1 })
    expect(await deadJobs()).toMatchObject([
      { accountId: attacker.account.id, reason: 'address_taken' },
    ])
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await canSignIn(bed, email, demoPassword)).toBe(true)
    expect(await legacySubjects(attacker.account)).toEqual([])
  })

  it('is linked when both sides verified it, and keeps its password', async () => {
    const email = 'barbara@acme.example'
    const { account } = await signUp(bed, { email, password: null })
    await drain()
    expect(await legacySubjects(account)).toEqual(['auth0|6501a0000000000000000004'])
    expect(await canSignIn(bed, email, demoPassword)).toBe(true)
    expect(await auth0Mails(bed)).toEqual([])
    expect(await eventsOf(bed, account)).toEqual(['mirror linked born_password_untouched'])
  })
})

describe('an address whose owner proves it at Stytch later', () => {
  it('refuses the attacker who signed up with it before: the password and the legacy session open nothing', async () => {
    const attacker = await signUp(bed)
    const { email } = attacker
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(true)
    const [subject = ''] = await legacySubjects(attacker.account)

    const owner = await signUp(bed, { email, password: null })
    expect(owner.account.id).toBe(attacker.account.id)
    // The attacker is refused at once, before the job has run.
    const found = await findAccount({ issuer: legacyConfig().issuer, subject })
    expect(found?.id).not.toBe(owner.account.id)

    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await legacyUsers(bed, email)).toMatchObject([
      { user_id: `auth0|${owner.account.id}`, email_verified: true },
    ])
    expect(await legacySubjects(owner.account)).toEqual([`auth0|${owner.account.id}`])
    expect(await auth0Mails(bed)).toMatchObject([{ to: email, kind: 'set-password' }])
  })

  it("refuses the attacker's password while it is pending", async () => {
    await breakAuth0(bed)
    const { email } = await signUp(bed)
    await drain()
    await signUp(bed, { email, password: null })
    await restoreAuth0(bed)
    await makeJobsDue(bed)
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect(await auth0Mails(bed)).toMatchObject([{ to: email, kind: 'set-password' }])
  })
})

describe('the record of another account', () => {
  it('refuses to delete it for a job that names the wrong account, or to link it', async () => {
    const [one, two] = [await signUp(bed), await signUp(bed)]
    await drain()
    await bed.stytch.stytch.users.delete({ user_id: two.userId })
    await reportChange({ account: one.account, userId: two.userId }, 'deleted')
    await drain()
    expect(await legacyUsers(bed, one.email)).toHaveLength(1)
    expect(
      await linkIdentity(one.account, {
        issuer: legacyConfig().issuer,
        subject: `auth0|unproved-${two.account.id}`,
        email: two.email,
        emailVerified: false,
        name: '',
        isCurrent: true,
      }),
    ).toBe(false)
  })
})
