import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { appEnvironment } from '../../../../sandbox/settings.ts'
import { findAccount, findIdentity } from '../../../account/account'
import { notes } from '../../../db/schema'
import { readLegacySession } from '../../../legacy/auth0/session'
import { legacyConfig } from '../../../legacy/config'
import type { LegacySession } from '../../../legacy/session'
import { stytchIssuerName } from '../../../stytch/issuer'
import { readCredentials } from '../../../token/credentials'
import { carryOver } from '../../migration/carry-over'
import { registry } from '../../routing/registry'
import { legacySessionOfToken } from '../../routing/testing'
import { legacyAccount } from '../../session/legacy-account'
import { newUser, oldPassword, planUsers, setUpBackfill, type TestUser } from '../testing'
import { importRun } from './import'

/** A user is imported, and the live session is carried over later. */

const bed = setUpBackfill()

/** A user whom Auth0 and the file know. */
async function addLegacyUser(over: Partial<TestUser> = {}): Promise<TestUser> {
  const user = newUser(over)
  const { body } = await bed.auth0.machineToken()
  const response = await fetch(`${bed.auth0.url}/api/v2/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      connection: 'Username-Password-Authentication',
      user_id: user.subject.slice('auth0|'.length),
      email: user.email,
      password: oldPassword,
      email_verified: true,
    }),
  })
  expect(response.status).toBe(201)
  return user
}

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

const migrate = (session: LegacySession) =>
  carryOver(session, async () => session.accessToken, { now: new Date(), policy: { version: 1 } })

const callsToStytch = () =>
  bed.stytch.project.requests.list().map(({ method, path }) => `${method} ${path}`)

it('carries a session over by one call, to the same account and notes', async () => {
  const user = await addLegacyUser()
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
  const user = await addLegacyUser({ hash: null })
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
  const user = await addLegacyUser()
  await importRun({ runId: await planUsers(bed, [user]) })
  const iat = Math.floor(Date.now() / 1_000) + 1
  const { body } = await bed.auth0.control('POST', 'token', { email: user.email, claims: { iat } })
  const session = await legacySessionOfToken(body.access_token)
  expect(await migrate(session)).toMatchObject({ result: 'migrated' })
})

it('does not carry over an old session of a pre-hijacker, whose address the owner verified later', async () => {
  const user = await addLegacyUser()
  await importRun({ runId: await planUsers(bed, [user]) })
  expect(await migrate(await webSession(user, false))).toMatchObject({
    result: 'refused',
    reason: 'session_unproved',
  })
})
