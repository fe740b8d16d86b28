import { describe, expect, it } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { errorOf } from '../../../sandbox/stytch/fixture.ts'
import { linkIdentity, subjectsOf } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { drain } from './drain'
import { mirrorStatus } from './status'
import {
  auth0Mails,
  canSignIn,
  eventsOf,
  goodPassword,
  legacyUsers,
  reportChange,
  setUpTestBed,
  signUp,
  signUpUnproved,
} from './testing.ts'

const bed = setUpTestBed()
const legacySubjects = (account: Parameters<typeof subjectsOf>[0]) =>
  subjectsOf(account, legacyConfig().issuer)

describe('an address that exists at the legacy provider', () => {
  it('refuses an attacker who signs up with it at Stytch: no access to the account, no new password', async () => {
    const email = 'claude@acme.example'
    const attacker = await signUpUnproved(bed, { email })
    await drain()
    expect(await mirrorStatus()).toMatchObject({ dead: 0, pending: 0 })
    expect(await auth0Mails(bed)).toEqual([])
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
  it('refuses the attacker who signed up with it before: the password opens nothing at either provider', async () => {
    const { email } = await signUpUnproved(bed)
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)

    const owner = await signUp(bed, { email, password: null })
    await drain()
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)
    const atStytch = bed.stytch.stytch.passwords.authenticate({ email, password: goodPassword })
    expect(await errorOf(atStytch)).toEqual([400, 'no_user_password'])
    expect(await legacyUsers(bed, email)).toMatchObject([
      { user_id: `auth0|${owner.account.id}`, email_verified: true },
    ])
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
        subject: `auth0|${two.account.id}`,
        email: two.email,
        name: '',
        isCurrent: true,
        session: { key: 'session', startedAt: new Date() },
        proof: { by: 'session', at: new Date() },
      }),
    ).toBe(false)
  })
})
