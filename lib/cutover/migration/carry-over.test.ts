import { afterAll, beforeAll, expect, it } from 'vitest'
import { startForTests as startAuth0 } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment, auth0Tenant } from '../../../sandbox/settings.ts'
import { startForTests as startStytch } from '../../../sandbox/stytch/fixture.ts'
import { findAccount } from '../../account/account'
import { openTestDatabase } from '../../db/testing'
import { type LegacySession, readLegacySession } from '../../legacy/session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readCredentials } from '../../token/credentials'
import { registry } from '../routing/registry'
import { legacyAccount } from '../session/legacy-account'
import { carryOver } from './carry-over'

let auth0: Awaited<ReturnType<typeof startAuth0>>
let stytch: Awaited<ReturnType<typeof startStytch>>
beforeAll(async () => {
  auth0 = await startAuth0()
  stytch = await startStytch({ userinfoUrl: `${auth0.url}/userinfo` })
  Object.assign(process.env, appEnvironment, {
    STYTCH_API_URL: stytch.url,
    AUTH0_DOMAIN: auth0.url,
  })
  await openTestDatabase()
})
afterAll(() => Promise.all([auth0.close(), stytch.close()]))

async function addLegacyUser(email: string, emailVerified = true): Promise<void> {
  const { body } = await auth0.machineToken()
  const response = await fetch(`${auth0.url}/api/v2/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      connection: auth0Tenant.connection,
      email,
      password: 'purple-otter-lamp-74',
      email_verified: emailVerified,
    }),
  })
  expect(response.status).toBe(201)
}

async function legacySessionOf(email: string) {
  const { body } = await auth0.control('POST', 'token', { email })
  const headers = new Headers({ authorization: `Bearer ${body.access_token}` })
  const reading = await readLegacySession(readCredentials(headers), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

const migrate = (session: LegacySession) =>
  carryOver(session, async () => session.accessToken, { now: new Date(), policyVersion: 1 })

it.each([
  'a&b@example.com',
  'o!brien@example.com',
  'user/dept@example.com',
  "o'brien@example.com",
  'ada@xn--bcher-kva.xn--p1ai',
])('carries the session of %s over, into the same account', async (email) => {
  await addLegacyUser(email)
  const session = await legacySessionOf(email)
  const account = await legacyAccount(session)
  expect(account).toMatchObject({ email, provedEmail: email })

  const outcome = await migrate(session)
  expect(outcome).toMatchObject({ result: 'migrated' })
  if (outcome.result !== 'migrated') return
  const migrated = await findAccount({ issuer: stytchIssuerName(), subject: outcome.userId })
  expect(migrated).toEqual(account)
})

it('refuses to migrate a user whose address the legacy provider has not verified', async () => {
  await addLegacyUser('unverified@example.com', false)
  const outcome = await migrate(await legacySessionOf('unverified@example.com'))
  expect(outcome).toMatchObject({ result: 'refused', reason: 'email_not_verified' })
})

it('refuses a Stytch user who signed up with the address and a password before its owner came (pre-hijacking)', async () => {
  const email = 'victim@example.com'
  const password = 'plover-basalt-orrery-31'
  await stytch.stytch.passwords.create({ email, password, session_duration_minutes: 60 })
  await addLegacyUser(email)
  const outcome = await migrate(await legacySessionOf(email))
  expect(outcome).toMatchObject({ result: 'refused', reason: 'stytch_user_unproven' })
})
