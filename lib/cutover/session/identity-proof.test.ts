import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { findAccount, openAccount } from '../../account/account'
import { SessionUnproved } from '../../account/proof'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { ProofIncomplete } from '../../stytch/foreign-credentials'
import { stytchIssuerName } from '../../stytch/issuer'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'
import { drain } from '../mirror/drain'
import {
  auth0Mails,
  canSignIn,
  goodPassword,
  legacyUsers,
  newAddress,
  otherPassword,
  setUpTestBed,
  signUp,
  signUpUnproved,
} from '../mirror/testing'
import { legacyIdentity } from './legacy-identity'

/** An attacker signs up at Stytch with an address, and its owner proves it later: docs/identity-proof.md. */

const bed = setUpTestBed()
beforeEach(() => bed.stytch.control('DELETE', 'faults'))

const userOf = (userId: string) => {
  const user = bed.stytch.project.consumer.users.get(userId)?.user
  if (!user) throw new Error('no user')
  return user
}

/** Attaches what an attacker with a session can attach. */
function attachEverything(userId: string): void {
  const user = userOf(userId)
  const id = (kind: string) => `${kind}-test-${crypto.randomUUID()}`
  user.emails.push({ email_id: id('email'), email: newAddress(), verified: true })
  user.phone_numbers.push({ phone_id: id('phone-number'), phone_number: '+1', verified: true })
  user.totps.push({ totp_id: id('totp'), verified: true })
  Object.assign(user, {
    webauthn_registrations: [{ webauthn_registration_id: id('webauthn') }],
    biometric_registrations: [{ biometric_registration_id: id('biometric') }],
    providers: [{ oauth_user_registration_id: id('oauth-user') }],
    crypto_wallets: [{ crypto_wallet_id: id('crypto-wallet') }],
  })
}

const attachedTo = (userId: string) => {
  const user = userOf(userId)
  return {
    emails: user.emails.map(({ email }) => email),
    password: user.password !== undefined,
    others: [
      user.phone_numbers,
      user.totps,
      user.webauthn_registrations,
      user.biometric_registrations,
      user.providers,
      user.crypto_wallets,
    ].flat().length,
  }
}

const open = (signedIn: SignedIn) =>
  stytchAccount({ ...signedIn, issuer: stytchIssuerName() }, null, legacyIdentity)

/** @param session_token of a session to which the code is added */
async function signInByCode(email: string, session_token?: string): Promise<SignedIn> {
  const { email_id: method_id } = await bed.stytch.stytch.otps.email.loginOrCreate({ email })
  const code = (await bed.stytch.lastMessage()).code ?? ''
  return signedInOf(
    await bed.stytch.stytch.otps.authenticate({
      method_id,
      code,
      session_duration_minutes: 60,
      session_token,
    }),
  )
}

/** The owner of an address, whom the legacy provider knows. */
async function knownAtAuth0() {
  const session = { key: 'session of the owner', startedAt: new Date() }
  return openAccount({
    issuer: legacyConfig().issuer,
    subject: `auth0|${crypto.randomUUID()}`,
    email: newAddress(),
    name: 'Grace',
    isCurrent: true,
    session,
    proof: { by: session.key, at: session.startedAt },
  })
}

describe("a proof ends credentials, too: the attacker's", () => {
  it('password, addresses, phone number, passkey, OAuth, TOTP, biometric and wallet are removed before the account is joined', async () => {
    const owner = await knownAtAuth0()
    const attacker = await signUpUnproved(bed, { email: owner.email })
    attachEverything(attacker.userId)
    expect(attachedTo(attacker.userId).others).toBe(6)

    const account = await open(await signInByCode(owner.email))
    expect(account.id).toBe(owner.id)
    expect(attachedTo(attacker.userId)).toEqual({
      emails: [owner.email],
      password: false,
      others: 0,
    })
    await expect(open(attacker.signedIn)).rejects.toThrow(SessionUnproved)
  })

  it.each([
    ['does not answer', { drop: true }],
    ['refuses', { status: 500 }],
    ['does not know the route', { status: 404, body: { error_type: 'route_not_found' } }],
  ])(
    'credentials stay while Stytch %s, so the account is not joined, and the next request tries again',
    async (_, fault) => {
      const owner = await knownAtAuth0()
      const attacker = await signUpUnproved(bed, { email: owner.email })
      attachEverything(attacker.userId)
      const proving = await signInByCode(owner.email)
      await bed.stytch.control('PUT', 'faults', [
        { method: 'DELETE', path: '/v1/users/webauthn_registrations/*', ...fault },
      ])
      await expect(open(proving)).rejects.toThrow(ProofIncomplete)
      const identity = { issuer: stytchIssuerName(), subject: attacker.userId }
      expect((await findAccount(identity))?.provedEmail).toBeNull()

      await bed.stytch.control('DELETE', 'faults')
      expect((await open(proving)).id).toBe(owner.id)
      expect(attachedTo(attacker.userId).others).toBe(0)
    },
  )

  it('address gets a code, and that session does not prove the address of the owner', async () => {
    const attacker = await signUpUnproved(bed)
    attachEverything(attacker.userId)
    userOf(attacker.userId).emails.forEach((each) => {
      each.verified = true
    })
    const second = attachedTo(attacker.userId).emails[1] ?? ''
    const session = {
      ...attacker.signedIn,
      factors: { emails: [second], hasPassword: true, isImported: false, count: 1, ids: [] },
    }
    // The session proves the attacker's own address. It opens no account with the owner's address.
    expect((await open(session)).provedEmail).toBe(second)
  })
})

/** A session from after every proof until now, so that only what it proves can count. */
const sessionProving = (signedIn: SignedIn, emails: string[], hasPassword = false): SignedIn => ({
  ...signedIn,
  startedAt: new Date(Date.now() + 60_000),
  factors: { emails, hasPassword, isImported: false, count: 1, ids: [] },
})

describe('an attacker who adds the address of a stranger to an own user', () => {
  const mailTo = (email: string) => ({
    email_id: `email-test-${crypto.randomUUID()}`,
    email,
    verified: true,
  })

  it('does not get the stranger into the account of the attacker', async () => {
    const [own, strangers] = [newAddress(), newAddress()]
    const attacker = await signInByCode(own)
    const account = await open(attacker)
    userOf(attacker.user.id).emails.push(mailTo(strangers))
    const stranger = sessionProving(await signInByCode(own), [strangers])
    await expect(open(stranger)).rejects.toThrow(SessionUnproved)
    expect((await open(attacker)).id).toBe(account.id)
  })

  it('and deletes the own address: the stranger does not get into the account, and the attacker stays in it', async () => {
    const strangers = await knownAtAuth0()
    const attacker = await signInByCode(newAddress())
    const account = await open(attacker)
    userOf(attacker.user.id).emails = [mailTo(strangers.email)]
    const stranger = await signInByCode(strangers.email)
    expect(stranger.user.id).toBe(attacker.user.id)
    await expect(open(stranger)).rejects.toThrow(SessionUnproved)
    // A later session of the stranger, which proves nothing.
    const later = sessionProving(await signInByCode(strangers.email), [])
    await expect(open(later)).rejects.toThrow(SessionUnproved)
    expect((await open(attacker)).id).toBe(account.id)
    expect((await findAccount({ issuer: stytchIssuerName(), subject: attacker.user.id }))?.id).toBe(
      account.id,
    )
  })

  it('does not get the stranger in by the password that the stranger sets with a mailed link', async () => {
    const [own, strangers] = [newAddress(), newAddress()]
    const attacker = await signInByCode(own)
    await open(attacker)
    userOf(attacker.user.id).emails.push(mailTo(strangers))
    const reset = await signInByCode(own)
    await expect(open(sessionProving(reset, [strangers], true))).rejects.toThrow(SessionUnproved)
    // The JWT of the session says less than the answer to the reset, and another session needs only the password.
    const sessions = [reset, await signInByCode(own)]
    for (const session of sessions) {
      const byPassword = { ...sessionProving(session, [], true), sessionId: crypto.randomUUID() }
      await expect(open(byPassword)).rejects.toThrow(SessionUnproved)
    }
  })

  it('loses what the stranger could use when the attacker proves the own address again', async () => {
    const [own, strangers] = [newAddress(), newAddress()]
    const attacker = await signInByCode(own)
    const { id } = await open(attacker)
    userOf(attacker.user.id).emails.push(mailTo(strangers))
    const reset = sessionProving(await signInByCode(own), [strangers], true)
    await expect(open(reset)).rejects.toThrow(SessionUnproved)
    const again = await signInByCode(own)
    expect((await open(again)).id).toBe(id)
    expect(attachedTo(attacker.user.id)).toEqual({ emails: [own], password: false, others: 0 })
    expect((await open(sessionProving(again, []))).id).toBe(id)
  })
})

describe('an imported user', () => {
  /** Our backend imports a legacy user. The address at Stytch may be another one by now. */
  async function importUser(address: string | null) {
    const account = await knownAtAuth0()
    const isLegacyUser = eq(identities.accountId, account.id)
    const [legacyUser] = await bed.db.select().from(identities).where(isLegacyUser)
    const email = address ?? account.email
    const { user_id } = await bed.stytch.stytch.users.create({ email })
    await bed.stytch.stytch.users.update({ user_id, external_id: legacyUser?.subject })
    return { account, userId: user_id }
  }

  it('joins the account of the legacy user', async () => {
    const { account } = await importUser(null)
    expect((await open(await signInByCode(account.email))).id).toBe(account.id)
  })

  it('who replaced the own address by that of a stranger does not get the stranger into the account', async () => {
    const strangers = newAddress()
    const { userId } = await importUser(strangers)
    const stranger = await signInByCode(strangers)
    expect(stranger.user.id).toBe(userId)
    await expect(open(stranger)).rejects.toThrow(SessionUnproved)
    expect(await findAccount({ issuer: stytchIssuerName(), subject: userId })).toBeNull()
  })

  it('gets no right of the stranger with an older session, once the stranger has verified the address', async () => {
    const strangers = newAddress()
    const { userId } = await importUser(strangers)
    const stranger = await signInByCode(strangers)
    const byPassword = sessionProving(stranger, [], true)
    const older = { ...byPassword, sessionId: crypto.randomUUID(), startedAt: new Date(0) }
    await expect(open(older)).rejects.toThrow(SessionUnproved)
    expect(await findAccount({ issuer: stytchIssuerName(), subject: userId })).toBeNull()
  })
})

describe('a user whose address was changed at Stytch', () => {
  const changed = async () => {
    const [before, after] = [newAddress(), newAddress()]
    const older = await signInByCode(before)
    const account = await open(older)
    const [address] = userOf(older.user.id).emails
    Object.assign(address ?? {}, { email: after, verified: false })
    return { before, after, older, account, newer: await signInByCode(after) }
  }

  it('keeps the account with a session that proves both addresses, and an older session is refused', async () => {
    const { before, after, older, account, newer } = await changed()
    const both = sessionProving(newer, [before, after])
    expect(await open(both)).toMatchObject({ id: account.id, provedEmail: after })
    expect(await open(newer)).toMatchObject({ id: account.id, provedEmail: after })
    await expect(open(older)).rejects.toThrow(SessionUnproved)
  })

  it('is refused with a session that proves only the new address', async () => {
    const { newer } = await changed()
    await expect(open(newer)).rejects.toThrow(SessionUnproved)
  })

  it('asks Stytch about a session with two addresses once, and not with each request', async () => {
    const [one, two] = [newAddress(), newAddress()]
    const signedIn = await signInByCode(one)
    await open(signedIn)
    const both = sessionProving(signedIn, [one, two])
    await open(both)
    await bed.stytch.control('DELETE', 'requests')
    await open(both)
    expect((await bed.stytch.control('GET', 'requests')).body).toEqual([])
  })
})

describe('a user who proves the address with the mailed link at which they set a password', () => {
  it('keeps the password', async () => {
    const { userId, account, email } = await signUp(bed, { password: otherPassword })
    expect(account.provedEmail).toBe(email)
    expect(attachedTo(userId)).toEqual({ emails: [email], password: true, others: 0 })
  })
})

describe("a session that an attacker began and planted in the owner's browser (session fixation)", () => {
  it('proves nothing when the owner adds a code to it, and opens no account of the owner', async () => {
    const owner = await knownAtAuth0()
    const attacker = await signUpUnproved(bed, { email: owner.email })
    const shared = await signInByCode(owner.email, attacker.signedIn.tokens.sessionToken)
    expect(shared.sessionId).toBe(attacker.signedIn.sessionId)
    expect(await open(shared)).toMatchObject({ id: attacker.account.id, provedEmail: null })

    // A session of the owner's own joins the account, and removes the attacker's password.
    expect((await open(await signInByCode(owner.email))).id).toBe(owner.id)
    expect(attachedTo(attacker.userId).password).toBe(false)
    await expect(open(shared)).rejects.toThrow(SessionUnproved)
  })
})

describe('address proved at the legacy login', () => {
  it("the attacker's sign-up at Stytch makes no record and mails no link there, and opens another account than the owner's", async () => {
    const attacker = await signUpUnproved(bed)
    const { email } = attacker
    await drain()
    expect(await legacyUsers(bed, email)).toEqual([])
    expect(await auth0Mails(bed)).toEqual([])
    expect(await canSignIn(bed, email, goodPassword)).toBe(false)

    // In older versions of the app the mirror made this record. The owner proved its address with "Forgot password?".
    const session = { key: 'session of the owner', startedAt: new Date() }
    const owner = await openAccount({
      issuer: legacyConfig().issuer,
      subject: `auth0|unproved-${attacker.account.id}`,
      email,
      name: email,
      isCurrent: true,
      session,
      proof: { by: session.key, at: session.startedAt },
    })
    const planted = await open(attacker.signedIn)
    expect(planted.id).not.toBe(owner.id)
    expect(planted.provedEmail).toBeNull()
    expect(owner.provedEmail).toBe(email)
  })
})
