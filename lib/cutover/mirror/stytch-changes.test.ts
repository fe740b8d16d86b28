import { describe, expect, it } from 'vitest'
import { demoPassword } from '../../../sandbox/settings.ts'
import { openAccount } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { drain } from './drain'
import { announceToMirror } from './enqueue'
import {
  canSignIn,
  goodPassword,
  legacyUsers,
  newAddress,
  reportChange,
  type SignedUp,
  setUpTestBed,
  signUp,
} from './testing.ts'

const bed = setUpTestBed()
/** A request of a new session that proves these addresses. */
const openWith = ({ userId }: SignedUp, emails: string[]) =>
  stytchAccount(
    {
      issuer: stytchIssuerName(),
      subject: userId,
      sessionId: `session-test-${crypto.randomUUID()}`,
      startedAt: new Date(),
      factors: { emails, hasPassword: false, isImported: false, count: 1, ids: [] },
    },
    null,
    () => null,
    announceToMirror(userId, null, new Date()),
  )
const stytchAddress = (userId: string) =>
  bed.stytch.project.consumer.users.get(userId)?.user.emails[0]

describe('a change at Stytch', () => {
  it('of the name updates the legacy record', async () => {
    const user = await signUp(bed)
    await drain()
    const name = { first_name: 'Mary', last_name: 'Jackson' }
    await bed.stytch.stytch.users.update({ user_id: user.userId, name })
    await reportChange(user, 'changed')
    await drain()
    expect(await legacyUsers(bed, user.email)).toMatchObject([{ name: 'Mary Jackson' }])
    expect(await canSignIn(bed, user.email, goodPassword)).toBe(true)
  })

  it('of the address updates the same legacy record, once a session has proved it', async () => {
    const user = await signUp(bed, { password: null })
    await drain()
    const email = newAddress()
    Object.assign(stytchAddress(user.userId) ?? {}, { email })
    await reportChange(user, 'changed')
    await drain()
    expect(await legacyUsers(bed, email)).toEqual([])

    await openWith(user, [user.email, email])
    await drain()
    expect(await legacyUsers(bed, user.email)).toEqual([])
    expect(await legacyUsers(bed, email)).toMatchObject([
      { user_id: `auth0|${user.account.id}`, email_verified: true },
    ])
  })

  it("refuses to write a stranger's address as verified, which an attacker added to an own user in place of the own one", async () => {
    const attacker = await signUp(bed)
    await drain()
    const strangers = newAddress()
    // The stranger has signed in with a code, so Stytch calls the address verified.
    Object.assign(stytchAddress(attacker.userId) ?? {}, { email: strangers, verified: true })
    await reportChange(attacker, 'changed')
    await drain()
    expect(await legacyUsers(bed, strangers)).toEqual([])
    expect(await legacyUsers(bed, attacker.email)).toMatchObject([{ email_verified: true }])
  })

  it("refuses to make a record with a stranger's address", async () => {
    const attacker = await signUp(bed)
    const strangers = newAddress()
    Object.assign(stytchAddress(attacker.userId) ?? {}, { email: strangers, verified: true })
    await drain()
    expect(await legacyUsers(bed, strangers)).toEqual([])
    expect(await canSignIn(bed, strangers, goodPassword)).toBe(false)
  })

  it('refuses to replace a verified address by an unverified one', async () => {
    const user = await signUp(bed, { password: null })
    await drain()
    Object.assign(stytchAddress(user.userId) ?? {}, { email: newAddress(), verified: false })
    await reportChange(user, 'changed')
    await drain()
    expect(await legacyUsers(bed, user.email)).toHaveLength(1)
  })
})

describe('a deletion at Stytch', () => {
  it('deletes a record that the mirror created, and a new sign-up creates another', async () => {
    const user = await signUp(bed)
    await drain()
    await bed.stytch.stytch.users.delete({ user_id: user.userId })
    await reportChange(user, 'deleted')
    await drain()
    expect(await legacyUsers(bed, user.email)).toEqual([])
    const again = await signUp(bed, { email: user.email })
    await drain()
    expect(await legacyUsers(bed, user.email)).toHaveLength(1)
    expect(again.userId).not.toBe(user.userId)
  })

  it('blocks a record that existed before, and keeps it', async () => {
    const email = 'dorothy@globex.example'
    const legacyAccount = await openAccount({
      issuer: legacyConfig().issuer,
      subject: 'auth0|6501a0000000000000000006',
      email,
      name: 'Dorothy',
      isCurrent: true,
      session: { key: 'session', startedAt: new Date() },
      proof: { by: 'session', at: new Date() },
    })
    const user = await signUp(bed, { email, password: null })
    expect(user.account.id).toBe(legacyAccount.id)
    await bed.stytch.stytch.users.delete({ user_id: user.userId })
    await reportChange(user, 'deleted')
    await drain()
    expect(await legacyUsers(bed, email)).toMatchObject([{ blocked: true }])
    expect(await canSignIn(bed, email, demoPassword)).toBe(false)
  })

  it('refuses a forged deletion message: the record stays while Stytch knows the user', async () => {
    const user = await signUp(bed)
    await drain()
    await reportChange(user, 'deleted')
    await drain()
    expect(await legacyUsers(bed, user.email)).toHaveLength(1)
  })
})
