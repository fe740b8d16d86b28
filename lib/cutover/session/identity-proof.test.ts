import { beforeEach, describe, expect, it } from 'vitest'
import { findAccount, openAccount } from '../../account/account'
import { SessionUnproved } from '../../account/proof'
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

describe('an attacker who adds the address of a stranger to an own user', () => {
  it('does not get the stranger into the account of the attacker', async () => {
    const [own, strangers] = [newAddress(), newAddress()]
    const attacker = await signInByCode(own)
    const account = await open(attacker)
    const email_id = `email-test-${crypto.randomUUID()}`
    userOf(attacker.user.id).emails.push({ email_id, email: strangers, verified: true })
    const factors = {
      emails: [strangers],
      hasPassword: false,
      isImported: false,
      count: 1,
      ids: [],
    }
    const stranger = { ...(await signInByCode(own)), factors }
    await expect(open(stranger)).rejects.toThrow(SessionUnproved)
    expect((await open(attacker)).id).toBe(account.id)
  })
})

describe('a user whose address was changed at Stytch', () => {
  it('keeps the account with a code mailed to the new address, and an older session is refused', async () => {
    const [before, after] = [newAddress(), newAddress()]
    const older = await signInByCode(before)
    const account = await open(older)
    const [address] = userOf(older.user.id).emails
    Object.assign(address ?? {}, { email: after, verified: false })
    const newer = await signInByCode(after)
    expect(await open(newer)).toMatchObject({ id: account.id, provedEmail: after })
    await expect(open(older)).rejects.toThrow(SessionUnproved)
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
