import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment, organizations, stytchMember } from '../../../sandbox/settings.ts'
import { startForTests, type TestStandIn } from '../../../sandbox/stytch/fixture.ts'
import { openTestDatabase } from '../../db/testing'
import { findRevocation } from '../../revocation/revocation-list'
import { createPkce } from '../../token/pkce'
import { adoptMemberSession } from './adopt-session'
import {
  chooseOrganization,
  discoverWithCode,
  discoverWithLink,
  listOrganizations,
  sendDiscoveryCode,
  sendDiscoveryLink,
} from './discovery'
import { memberIssuerName } from './issuer'
import type { MemberSignedIn, MemberSignIn } from './member-sign-in'
import { fetchStytchOrganization } from './organizations'
import {
  inviteMember,
  sendEmailCode,
  sendMagicLink,
  signInWithCode,
  signInWithMagicLink,
  switchOrganization,
} from './sign-in'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
  Object.assign(process.env, appEnvironment, { STYTCH_API_URL: standIn.url })
  await openTestDatabase()
})
afterAll(() => standIn.close())

const url = `${appEnvironment.APP_BASE_URL}/team/authenticate`
const { email } = stytchMember
const idOf = async (slug: string) => (await fetchStytchOrganization(slug))?.id ?? ''
const lastCode = async () => (await standIn.lastMessage()).code ?? ''

function signedIn(result: MemberSignIn): MemberSignedIn {
  if (result.outcome !== 'signed_in') throw new Error(`the sign-in ended with ${result.outcome}`)
  return result.signedIn
}

async function signInByCode(slug: string, address = email): Promise<MemberSignIn> {
  await sendEmailCode(await idOf(slug), address)
  return signInWithCode(await idOf(slug), address, await lastCode(), 60)
}

describe('the sign-in to one organization', () => {
  it('opens a session of that organization by a mailed code', async () => {
    const opened = signedIn(await signInByCode('acme'))
    expect(opened).toMatchObject({
      organization: { id: await idOf('acme'), slug: 'acme' },
      member: { email, organizationId: await idOf('acme') },
      factors: { emails: [email], count: 1 },
    })
    expect(opened.organization.roles).toContain('stytch_admin')
  })

  it('opens it by a mailed link, with the verifier of the browser that requested it', async () => {
    const { codeVerifier, codeChallenge } = createPkce()
    await sendMagicLink(await idOf('acme'), email, url, codeChallenge)
    const token = await standIn.lastToken()
    await expect(signInWithMagicLink(token, createPkce().codeVerifier, 60)).rejects.toMatchObject({
      errorType: 'pkce_mismatch',
    })
    const opened = signedIn(await signInWithMagicLink(token, codeVerifier, 60))
    expect(opened.organization.slug).toBe('acme')
  })

  it('refuses an address that may not join', async () => {
    await expect(sendEmailCode(await idOf('globex'), email)).rejects.toMatchObject({
      errorType: 'email_jit_provisioning_not_allowed',
    })
  })

  it('refuses the code of one organization in the other', async () => {
    await sendEmailCode(await idOf('acme'), email)
    const code = await lastCode()
    const elsewhere = signInWithCode(await idOf('initech'), email, code, 60)
    await expect(elsewhere).rejects.toMatchObject({ code: 'stytch_refused' })
  })

  it('has an outcome of its own when the organization asks for a second factor', async () => {
    const organization_id = await idOf('acme')
    await standIn.b2b.organizations.update({ organization_id, mfa_policy: 'REQUIRED_FOR_ALL' })
    try {
      const result = await signInByCode('acme')
      expect(result).toMatchObject({ outcome: 'mfa_required', organization: { slug: 'acme' } })
    } finally {
      await standIn.b2b.organizations.update({ organization_id, mfa_policy: 'OPTIONAL' })
    }
  })

  it('accepts an invitation, which no browser has requested', async () => {
    const invited = 'alonzo@acme.example'
    const { tokens } = signedIn(await signInByCode('acme'))
    await inviteMember(await idOf('acme'), invited, url, tokens.sessionToken)
    const opened = signedIn(await signInWithMagicLink(await standIn.lastToken(), null, 60))
    expect(opened.member).toMatchObject({ email: invited, status: 'active' })
  })

  it('lets nobody invite who is no admin any more, or is one of another organization', async () => {
    const admin = signedIn(await signInByCode('acme', 'former-admin@acme.example'))
    const invite = async (slug: string) =>
      inviteMember(await idOf(slug), 'eve@acme.example', url, admin.tokens.sessionToken)
    const { members } = standIn.b2b.organizations
    const found = { organization_id: await idOf('acme'), member_id: admin.subject }
    await members.update({ ...found, roles: ['stytch_admin'] })
    await invite('acme')
    await expect(invite('globex')).rejects.toMatchObject({ code: 'stytch_refused' })
    await members.update({ ...found, roles: [] })
    await expect(invite('acme')).rejects.toMatchObject({ errorType: 'session_authorization_error' })
  })
})

describe('discovery', () => {
  it('finds the organizations of an address by a mailed code, and opens the chosen one', async () => {
    await sendDiscoveryCode(email)
    const found = await discoverWithCode(email, await lastCode())
    expect(found.organizations.map(({ slug, relation }) => [slug, relation])).toEqual([
      [organizations.acme.name.toLowerCase(), 'member'],
      ['initech', 'member'],
    ])
    expect(await listOrganizations(found.intermediateToken)).toEqual(found.organizations)
    const result = await chooseOrganization(found.intermediateToken, await idOf('initech'), 60)
    expect(signedIn(result).organization.slug).toBe('initech')
  })

  it('finds them by a mailed link with PKCE', async () => {
    const { codeVerifier, codeChallenge } = createPkce()
    await sendDiscoveryLink(email, url, codeChallenge)
    const token = await standIn.lastToken()
    await expect(discoverWithLink(token, null)).rejects.toMatchObject({ code: 'stytch_refused' })
    expect((await discoverWithLink(token, codeVerifier)).email).toBe(email)
  })

  it('finds none for an address that no organization knows', async () => {
    const unknown = 'nobody@elsewhere.example'
    await sendDiscoveryCode(unknown)
    expect((await discoverWithCode(unknown, await lastCode())).organizations).toEqual([])
  })

  it('opens no organization to which the person has no right', async () => {
    await sendDiscoveryCode(email)
    const { intermediateToken } = await discoverWithCode(email, await lastCode())
    const globex = chooseOrganization(intermediateToken, await idOf('globex'), 60)
    await expect(globex).rejects.toMatchObject({ code: 'stytch_refused' })
  })
})

describe('the switch between organizations', () => {
  it('opens a session in another organization of the same person', async () => {
    const { tokens } = signedIn(await signInByCode('acme'))
    const other = signedIn(await switchOrganization(tokens.sessionJwt, await idOf('initech'), 60))
    expect(other).toMatchObject({ organization: { slug: 'initech' }, member: { email } })
  })

  it('refuses an organization in which the person is no member', async () => {
    const { tokens } = signedIn(await signInByCode('acme'))
    const globex = switchOrganization(tokens.sessionJwt, await idOf('globex'), 60)
    await expect(globex).rejects.toMatchObject({ code: 'stytch_refused' })
  })
})

describe('a session of the pre-built UI', () => {
  it('is adopted when it began with this sign-in', async () => {
    const { tokens, sessionId } = signedIn(await signInByCode('acme'))
    expect(await adoptMemberSession(tokens, new Date())).toMatchObject({ sessionId })
  })

  it("is refused and ended when it is an attacker's, to which the sign-in was added (session fixation)", async () => {
    const planted = signedIn(await signInByCode('acme'))
    await sendEmailCode(await idOf('acme'), email)
    const shared = await standIn.b2b.otps.email.authenticate({
      organization_id: await idOf('acme'),
      email_address: email,
      code: await lastCode(),
      session_token: planted.tokens.sessionToken,
      session_duration_minutes: 60,
    })
    const { session_token: sessionToken, session_jwt: sessionJwt } = shared
    await expect(
      adoptMemberSession({ sessionToken, sessionJwt }, new Date()),
    ).rejects.toMatchObject({ code: 'session_not_new' })
    const { subject, sessionId, startedAt, organization } = planted
    const issuer = memberIssuerName(organization.id)
    expect(await findRevocation({ issuer, subject, sessionId, startedAt })).toBe('session_ended')
  })
})
