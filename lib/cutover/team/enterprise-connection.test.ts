import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { openAccount, subjectsOf } from '../../account/account'
import { openTestDatabase } from '../../db/testing'
import { mayProveAddress } from '../../legacy/auth0/enterprise-connection'
import { legacyIssuer } from '../../legacy/auth0/issuer'
import { legacyConfig } from '../../legacy/config'
import type { LegacySession } from '../../legacy/session'
import { proveLegacyUser } from '../migration/proof'
import { linkExistingRecord } from '../mirror/legacy-records'
import { legacyAccount } from '../session/legacy-account'

/** The admin of an organization connects an own identity provider to Auth0, and lets it claim a stranger's address. */

const mallory = 'oidc|mallory|1'
const email = 'ada@acme.example'

// The stand-in has no enterprise connections.
const auth0 = createServer((request, response) => {
  const user = { email, email_verified: true, name: 'Ada' }
  const { pathname } = new URL(request.url ?? '', 'http://localhost')
  const answers: Record<string, object> = {
    '/userinfo': { ...user, sub: request.headers.authorization?.slice('Bearer '.length) },
    '/oauth/token': { access_token: 'machine', token_type: 'Bearer', expires_in: 3_600 },
    '/api/v2/users-by-email': [{ ...user, user_id: mallory }],
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answers[pathname] ?? {}))
})

beforeAll(async () => {
  await new Promise<void>((resolve) => auth0.listen(0, resolve))
  const { port } = auth0.address() as AddressInfo
  Object.assign(process.env, appEnvironment, {
    AUTH0_DOMAIN: `http://localhost:${port}`,
    AUTH0_SSO_DOMAINS: 'samlp|acme=acme.example, okta|globex=globex.example',
  })
  await openTestDatabase()
})
afterAll(() => {
  auth0.close()
})

const sessionOf = (subject: string): LegacySession => ({
  issuer: legacyIssuer(),
  subject,
  sid: crypto.randomUUID(),
  profile: { email, emailVerified: true, name: 'Ada', isCurrent: true },
  organization: 'mallory',
  organizationId: 'org_mallory',
  isFirstParty: true,
  startedAt: new Date(),
  signedInAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  sealedUntil: null,
  accessToken: subject,
  idToken: null,
  tokenState: 'live',
})

/** The owner of the address, who has signed in at Stytch. */
const owner = () => {
  const session = { key: 'own', startedAt: new Date() }
  const proof = { by: 'own', at: session.startedAt }
  const identity = { issuer: 'stytch.com/project-test-owner', subject: 'user-test-owner' }
  return openAccount({ ...identity, email, name: 'Ada', isCurrent: true, session, proof })
}

describe("an organization's own identity provider that calls a stranger's address verified", () => {
  it("does not open the owner's account, neither by cookie nor by access token", async () => {
    const { id } = await owner()
    const byCookie = await legacyAccount(sessionOf(mallory))
    const byToken = await legacyAccount({ ...sessionOf('oidc|mallory|2'), profile: null })
    for (const opened of [byCookie, byToken]) {
      expect(opened.id).not.toBe(id)
      expect(opened.provedEmail).toBeNull()
    }
  })

  it('is not migrated', async () => {
    await expect(proveLegacyUser(sessionOf(mallory), mallory)).rejects.toMatchObject({
      reason: 'email_not_verified',
    })
  })

  it("does not get its record linked to the owner's account by the mirror", async () => {
    const account = await owner()
    expect(await linkExistingRecord(account, { email, emailVerified: true })).toBeNull()
    expect(await subjectsOf(account, legacyConfig().issuer)).not.toContain(mallory)
  })

  it('is trusted for the domains of its own, which the operator has entered', async () => {
    const subject = `samlp|acme|${email}`
    expect(await proveLegacyUser(sessionOf(subject), subject)).toMatchObject({ email })
    expect((await legacyAccount(sessionOf(subject))).id).toBe((await owner()).id)
  })

  it.each([
    ['auth0|1', 'ada@acme.example', true],
    ['google-oauth2|1', 'ada@acme.example', true],
    ['samlp|acme|ada', 'Ada@ACME.example', true],
    ['samlp|acme-evil|ada', 'ada@acme.example', false],
    ['samlp|acme|ada', 'ada@globex.example', false],
    ['samlp|acme|ada', 'ada@evil.acme.example', false],
    ['okta|globex|ada', 'ada@acme.example', false],
    ['waad|1', 'ada@acme.example', false],
    ['samlp', 'ada@acme.example', false],
  ])('%s proves %s: %s', (subject, address, isProved) => {
    expect(mayProveAddress(subject, address)).toBe(isProved)
  })
})
