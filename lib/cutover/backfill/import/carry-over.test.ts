import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import { findAccount, findIdentity } from '../../../account/account'
import { epoch } from '../../../account/proof'
import { SecondFactorRequired, SecondFactorUnknown } from '../../../account/second-factor-required'
import { notes } from '../../../db/schema'
import { readLegacySession } from '../../../legacy/auth0/session'
import { legacyConfig } from '../../../legacy/config'
import type { LegacySession } from '../../../legacy/session'
import { stytchAccount } from '../../../stytch/account'
import { stytchIssuerName } from '../../../stytch/issuer'
import { type SignedIn, signedInOf } from '../../../stytch/sign-in'
import { readCredentials } from '../../../token/credentials'
import { carryOver } from '../../migration/carry-over'
import { beforeTheMigration } from '../../policy/document'
import { registry } from '../../routing/registry'
import { legacySessionOfToken } from '../../routing/testing'
import { legacyAccount } from '../../session/legacy-account'
import { legacyIdentity } from '../../session/legacy-identity'
import { secondFactorGuard } from '../../session/second-factor-guard'
import { openStytchAccount } from '../../session/stytch-account'
import { addLegacyUser, oldPassword, planUsers, setUpBackfill, type TestUser } from '../testing'
import { importRun } from './import'

/** A user is imported, and the live session is carried over later. */

const bed = setUpBackfill()

/** The session of the Auth0 SDK's cookie, whose sign-in was an hour ago. */
async function webSession({ email, subject }: TestUser, isVerified = true): Promise<LegacySession> {
  const { body } = await bed.auth0.control('POST', 'token', { email })
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600
  const cookie = await generateSessionCookie(
    {
      user: { sub: subject, email, email_verified: isVerified, name: 'Ada Lovelace' },
      tokenSet: { accessToken: body.access_token, expiresAt: hourAgo + 7_200 },
      internal: { sid: crypto.randomUUID(), createdAt: hourAgo },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
  const headers = new Headers({ cookie: `__session=${cookie}` })
  const reading = await readLegacySession(readCredentials(headers), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.refusal}`)
  expect(decodeJwt(reading.session.accessToken).sub).toBe(subject)
  return reading.session
}

const migrate = (session: LegacySession, allowMfaDowngrade = false) =>
  carryOver(session, async () => session.accessToken, {
    now: new Date(),
    policy: { version: 1, allowMfaDowngrade },
  })

const callsToStytch = () =>
  bed.stytch.project.requests.list().map(({ method, path }) => `${method} ${path}`)

it('carries a session over by one call, to the same account and notes', async () => {
  const user = await addLegacyUser(bed)
  const session = await webSession(user)
  const account = await legacyAccount(session)
  await bed.db.insert(notes).values({ id: 'note-1', accountId: account.id, text: 'before' })
  const runId = await planUsers(bed, [user])
  expect(await importRun({ runId })).toMatchObject({
    counts: { done: { create_with_password: 1 } },
  })

  await bed.stytch.control('DELETE', 'requests')
  const outcome = await migrate(session)
  expect(outcome).toMatchObject({ result: 'migrated' })
  expect(callsToStytch()).toEqual(['POST /v1/sessions/migrate'])
  if (outcome.result !== 'migrated') return
  const migrated = await findAccount({ issuer: stytchIssuerName(), subject: outcome.userId })
  expect(migrated?.id).toBe(account.id)
  expect(await bed.db.select().from(notes)).toMatchObject([{ accountId: account.id }])
  await bed.stytch.stytch.passwords.authenticate({ email: user.email, password: oldPassword })
})

it('carries a session over of a user whom the app had not seen, and who has no password', async () => {
  const user = await addLegacyUser(bed, { hash: null })
  const runId = await planUsers(bed, [user])
  await importRun({ runId })
  await bed.stytch.control('DELETE', 'requests')
  const outcome = await migrate(await webSession(user))
  expect(outcome).toMatchObject({ result: 'migrated' })
  expect(callsToStytch()).toEqual(['POST /v1/sessions/migrate'])
  const legacy = await findIdentity({ issuer: legacyConfig().issuer, subject: user.subject })
  const userId = outcome.result === 'migrated' ? outcome.userId : ''
  const stytch = await findIdentity({ issuer: stytchIssuerName(), subject: userId })
  expect(stytch?.account.id).toBe(legacy?.account.id)
})

it('carries over a mobile client, whose access token is from after the plan', async () => {
  const user = await addLegacyUser(bed)
  await importRun({ runId: await planUsers(bed, [user]) })
  const iat = Math.floor(Date.now() / 1_000) + 1
  const { body } = await bed.auth0.control('POST', 'token', { email: user.email, claims: { iat } })
  const session = await legacySessionOfToken(body.access_token)
  expect(await migrate(session)).toMatchObject({ result: 'migrated' })
})

it('does not carry over an old session of a pre-hijacker, whose address the owner verified later', async () => {
  const user = await addLegacyUser(bed)
  await importRun({ runId: await planUsers(bed, [user]) })
  expect(await migrate(await webSession(user, false))).toMatchObject({
    result: 'refused',
    reason: 'session_unproved',
  })
})

describe('the first sign-in of an imported user at Stytch', () => {
  async function imported(over: Partial<TestUser> = {}): Promise<TestUser> {
    const user = await addLegacyUser(bed, over)
    await importRun({ runId: await planUsers(bed, [user]) })
    return user
  }
  const enrol = ({ email }: TestUser, enrolled = true) =>
    bed.auth0.control('PUT', 'second-factor', { email, enrolled })
  const signIn = async ({ email }: TestUser): Promise<SignedIn> =>
    signedInOf(
      await bed.stytch.stytch.passwords.authenticate({
        email,
        password: oldPassword,
        session_duration_minutes: 60,
      }),
    )
  const asSession = (signedIn: SignedIn) => ({ ...signedIn, issuer: stytchIssuerName() })
  const open = (signedIn: SignedIn) => openStytchAccount(asSession(signedIn), null)
  const proofOf = async ({ user }: SignedIn) =>
    (await findIdentity({ issuer: stytchIssuerName(), subject: user.id }))?.proof

  it('is refused with the password alone, if the user has enrolled a second factor since the export', async () => {
    const user = await imported()
    await enrol(user)
    const signedIn = await signIn(user)
    await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
    // A later request of the same session asks nobody.
    await enrol(user, false)
    await expect(open(signedIn)).rejects.toThrow(SecondFactorRequired)
  })

  it('is refused with a mailed code alone, too', async () => {
    const user = await imported({ hash: null })
    await enrol(user)
    const { email } = user
    const { email_id: method_id } = await bed.stytch.stytch.otps.email.loginOrCreate({ email })
    const code = (await bed.stytch.lastMessage()).code ?? ''
    const { otps } = bed.stytch.stytch
    const begun = await otps.authenticate({ method_id, code, session_duration_minutes: 60 })
    await expect(open(signedInOf(begun))).rejects.toThrow(SecondFactorRequired)
  })

  it('opens the account of a user without one, and the next sign-in costs no call', async () => {
    const user = await imported()
    const account = await findAccount({ issuer: legacyConfig().issuer, subject: user.subject })
    const signedIn = await signIn(user)
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])
    await expect(open(signedIn)).rejects.toThrow(SecondFactorUnknown)
    await bed.auth0.control('DELETE', 'faults')
    expect((await open(signedIn)).id).toBe(account?.id)
    expect((await proofOf(signedIn))?.at).toEqual(epoch)
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])
    expect((await open(await signIn(user))).id).toBe(account?.id)
  })

  it('opens the account of a user whose session was carried over, which had the check', async () => {
    const user = await imported()
    const outcome = await migrate(await webSession(user))
    expect(outcome).toMatchObject({ result: 'migrated' })
    await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])
    const account = await open(await signIn(user))
    expect(account.provedEmail).toBe(user.email)
  })

  it('opens the account of a user with a second factor when the policy allows it', async () => {
    const user = await imported()
    await enrol(user)
    const policy = async () => ({ ...beforeTheMigration, version: 2, allowMfaDowngrade: true })
    const guard = (email: string | null) => secondFactorGuard(email, null, policy)
    const session = asSession(await signIn(user))
    const account = await stytchAccount(session, null, legacyIdentity, null, { guard })
    expect(account.provedEmail).toBe(user.email)
  })

  it('opens the account of a user with a second factor who was carried over when the policy allowed it', async () => {
    const user = await imported()
    await enrol(user)
    expect(await migrate(await webSession(user), true)).toMatchObject({ result: 'migrated' })
    expect((await open(await signIn(user))).provedEmail).toBe(user.email)
  })
})
