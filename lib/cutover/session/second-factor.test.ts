import { eq } from 'drizzle-orm'
import { UnsecuredJWT } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { findAccount, openAccount } from '../../account/account'
import { SecondFactorRequired, SecondFactorUnknown } from '../../account/second-factor-required'
import { auth0Config, legacyConfig } from '../../legacy/config'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'
import { countRequests, newAddress, setUpTestBed } from '../mirror/testing'
import { readMigrationPace } from '../observability/migration-pace'
import { beforeTheMigration } from '../policy/document'
import { registry } from '../routing/registry'
import { events } from '../schema'
import { legacyAccount } from './legacy-account'
import { legacyIdentity } from './legacy-identity'
import { secondFactorGuard } from './second-factor-guard'
import { openStytchAccount } from './stytch-account'

/** A user with a second factor at Auth0 signs in at Stytch with less: docs/identity-proof.md. */

const bed = setUpTestBed()
beforeEach(() => bed.auth0.control('DELETE', 'faults'))

const open = (signedIn: SignedIn) =>
  openStytchAccount({ ...signedIn, issuer: stytchIssuerName() }, null)

const enrol = (email: string, enrolled = true) =>
  bed.auth0.control('PUT', 'second-factor', { email, enrolled })
const breakManagement = () =>
  bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])

async function signInByCode(email: string): Promise<SignedIn> {
  const { email_id: method_id } = await bed.stytch.stytch.otps.email.loginOrCreate({ email })
  const code = (await bed.stytch.lastMessage()).code ?? ''
  return signedInOf(
    await bed.stytch.stytch.otps.authenticate({ method_id, code, session_duration_minutes: 60 }),
  )
}

/** An owner with a record at Auth0. With `isKnown`, this app has seen them on the legacy lane. */
async function owner({ isKnown = true, hasSecondFactor = true } = {}) {
  const email = newAddress()
  const { user_id: subject } = await createLegacyUser(email)
  if (hasSecondFactor) await enrol(email)
  const session = { key: subject, startedAt: new Date() }
  const proof = { by: session.key, at: session.startedAt }
  const legacy = { issuer: legacyConfig().issuer, subject }
  const account = isKnown
    ? await openAccount({ ...legacy, email, name: '', isCurrent: true, session, proof })
    : null
  return { email, legacy, account }
}

async function createLegacyUser(email: string, email_verified = true) {
  const { body } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/users`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${body.access_token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      connection: auth0Config().connection,
      email,
      email_verified,
      password: 'purple-otter-lamp-74',
    }),
  })
  return (await response.json()) as { user_id: string }
}

const identityOf = ({ user }: SignedIn) => ({ issuer: stytchIssuerName(), subject: user.id })

describe('a mailed code does not replace the second factor', () => {
  it('of a user whom this app knows', async () => {
    const { email } = await owner()
    const signedIn = await signInByCode(email)
    await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
    expect(await findAccount(identityOf(signedIn))).toBeNull()
  })

  it('of a user whom this app has not seen yet, whose legacy sign-in would share the account later', async () => {
    const { email } = await owner({ isKnown: false })
    await expect(open(await signInByCode(email))).rejects.toThrow(SecondFactorRequired)
  })

  it('also if the reader of the mailbox has enrolled a factor of their own at Stytch', async () => {
    const { email } = await owner()
    const signedIn = await signInByCode(email)
    await bed.stytch.control('PUT', 'totp', { email, verified: true })
    await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
    const user = bed.stytch.project.consumer.users.get(signedIn.user.id)?.user
    // A refused session removes nothing.
    expect(user?.totps).toHaveLength(1)
  })

  it('of an imported user, whose password at Stytch is one factor too', async () => {
    const { email, legacy } = await owner()
    const password = 'plover basalt orrery quince'
    const begun = await bed.stytch.stytch.passwords.create({
      email,
      password,
      session_duration_minutes: 60,
    })
    const record = bed.stytch.project.consumer.users.get(begun.user_id)?.user
    Object.assign(record ?? {}, { external_id: legacy.subject })
    for (const each of record?.emails ?? []) each.verified = true
    const signedIn = signedInOf(
      await bed.stytch.stytch.passwords.authenticate({
        email,
        password,
        session_duration_minutes: 60,
      }),
    )
    await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
  })

  it('of a user who was kept back before, also while Auth0 does not answer', async () => {
    const { email } = await owner()
    await expect(open(await signInByCode(email))).rejects.toThrow(SecondFactorRequired)
    await breakManagement()
    await expect(open(await signInByCode(email))).rejects.toThrow(SecondFactorRequired)
  })

  it('of a user whose legacy session was seen to use one, though no record tells', async () => {
    const { email, legacy } = await owner({ hasSecondFactor: false })
    const issuer = [...registry().values()].find(({ lane }) => lane === 'legacy')
    if (!issuer) throw new Error('no legacy issuer')
    const now = new Date()
    await legacyAccount({
      issuer,
      subject: legacy.subject,
      sid: crypto.randomUUID(),
      profile: { email, emailVerified: true, name: '', isCurrent: true },
      organization: null,
      organizationId: null,
      isFirstParty: true,
      startedAt: now,
      signedInAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
      sealedUntil: null,
      accessToken: 'opaque',
      // The app reads this claim from the sealed session only.
      idToken: new UnsecuredJWT({ amr: ['pwd', 'mfa'] }).encode(),
      tokenState: 'opaque',
    })
    await expect.poll(() => bed.db.$count(events, eq(events.subject, legacy.subject))).toBe(1)
    await expect(open(await signInByCode(email))).rejects.toThrow(SecondFactorRequired)
  })

  it('and the control room counts the user, once', async () => {
    const kept = async () =>
      (await readMigrationPace({ cohort: 'everybody' }, new Date())).keptBackForMfa
    const before = await kept()
    const { email } = await owner()
    for (const signedIn of [await signInByCode(email), await signInByCode(email)]) {
      await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
    }
    expect(await kept()).toBe(before + 1)
  })
})

describe('a sign-in at Stytch opens the account', () => {
  it('of a user without a second factor, and a known identity costs no further call', async () => {
    const { email, account } = await owner({ hasSecondFactor: false })
    expect((await open(await signInByCode(email))).id).toBe(account?.id)
    const calls = () => countRequests(bed, 'GET', '/api/v2/users-by-email')
    const before = await calls()
    await breakManagement()
    // Nor does an outage end what has joined.
    expect((await open(await signInByCode(email))).id).toBe(account?.id)
    expect(await calls()).toBe(before)
  })

  it('of a known user only after Auth0 has answered', async () => {
    const { email, account } = await owner({ hasSecondFactor: false })
    const signedIn = await signInByCode(email)
    await breakManagement()
    await expect(open(signedIn)).rejects.toThrow(SecondFactorUnknown)
    await bed.auth0.control('DELETE', 'faults')
    expect((await open(signedIn)).id).toBe(account?.id)
  })

  it('of a new user while Auth0 does not answer, because an outage must stop no sign-up', async () => {
    await breakManagement()
    const email = newAddress()
    expect(await open(await signInByCode(email))).toMatchObject({ provedEmail: email })
  })

  it('of a stranger for whose address somebody made a record at Auth0 with a second factor', async () => {
    const email = newAddress()
    await createLegacyUser(email, false)
    await enrol(email)
    expect(await open(await signInByCode(email))).toMatchObject({ provedEmail: email })
  })

  it('of a user with a second factor when the policy of the operator allows it', async () => {
    const { email, account } = await owner()
    const policy = async () => ({ ...beforeTheMigration, version: 2, allowMfaDowngrade: true })
    const signedIn = { ...(await signInByCode(email)), issuer: stytchIssuerName() }
    const opened = await stytchAccount(signedIn, null, legacyIdentity, null, {
      guard: (email, former) => secondFactorGuard(email, former, policy),
    })
    expect(opened.id).toBe(account?.id)
  })
})
