import { decodeJwt } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Roles, auth0Tenant, demoPassword, demoUsers, organizations } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  authorization,
  callback,
  lastLink,
  logIn,
  managementClient,
  startForTests,
  teamClient,
} from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const [acme, globex] = [organizations.acme.auth0Id, organizations.globex.auth0Id]
const barbara = 'barbara@acme.example'
const frances = 'frances@acme.example'
const subjectOf = (email: string) =>
  demoUsers.find((user) => user.email === email)?.subject ?? 'nobody'

const team = { client_id: auth0Tenant.team.clientId }

async function teamTokens(code: string, verifier: string) {
  const { body } = await standIn.exchange(code, verifier, teamClient)
  return { ...body, claims: decodeJwt(body.access_token), idClaims: decodeJwt(body.id_token) }
}

describe('a login to an organization', () => {
  it.each([
    ['its id', acme],
    ['its name', 'acme'],
  ])('names it by %s, and the tokens and userinfo have id and name', async (_, organization) => {
    const { code, verifier } = await logIn(standIn, barbara, {
      parameters: { ...team, organization },
    })
    const tokens = await teamTokens(code, verifier)
    const expected = { org_id: acme, org_name: 'acme' }
    expect(tokens.claims).toMatchObject({ ...expected, azp: auth0Tenant.team.clientId })
    expect(tokens.idClaims).toMatchObject(expected)
    expect(await (await standIn.userinfo(tokens.access_token)).json()).toMatchObject(expected)
    const refreshed = await standIn.refresh(tokens.refresh_token, teamClient)
    expect(decodeJwt(refreshed.body.access_token)).toMatchObject(expected)
  })

  it('knows no names where the tenant does not allow them', async () => {
    await standIn.control('PUT', 'tenant', { organizationNames: false })
    const named = await logIn(standIn, barbara, { parameters: { organization: 'acme' } })
    expect(named.error).toBe('parameter organization is invalid')
    const { code, verifier } = await logIn(standIn, barbara, {
      parameters: { ...team, organization: acme },
    })
    const { claims } = await teamTokens(code, verifier)
    expect(claims.org_id).toBe(acme)
    expect(claims).not.toHaveProperty('org_name')
  })

  it('refuses a user who is not a member, at the callback', async () => {
    const { page, code } = await logIn(standIn, barbara, { parameters: { organization: globex } })
    const answer = new URL(page.url).searchParams
    expect(answer.get('error')).toBe('access_denied')
    expect(answer.get('error_description')).toBe(
      `user ${subjectOf(barbara)} is not part of the ${globex} organization`,
    )
    expect(code).toBe('')
  })

  it('makes everybody a member where the connection assigns membership', async () => {
    const { enabledConnections } = managementClient(standIn).organizations
    await enabledConnections.update(globex, auth0Tenant.connectionId, {
      assign_membership_on_login: true,
    })
    const { error } = await logIn(standIn, barbara, { parameters: { organization: globex } })
    expect(error).toBeNull()
    const members = managementClient(standIn).organizations.members
    const ids = (await members.list(globex)).data.map(({ user_id }) => user_id)
    expect(ids).toContain(subjectOf(barbara))
  })

  it('refuses an organization without an enabled connection', async () => {
    await managementClient(standIn).organizations.enabledConnections.delete(
      acme,
      auth0Tenant.connectionId,
    )
    const { error } = await logIn(standIn, barbara, { parameters: { organization: acme } })
    expect(error).toBe('no connections enabled for the organization')
  })

  it('is silent for a member with a session in another organization', async () => {
    const { browser } = await logIn(standIn, frances, { parameters: { organization: acme } })
    const silent = { ...team, organization: globex, prompt: 'none' }
    const { url, verifier } = authorization(standIn, silent)
    const done = await browser.open(url, callback)
    const { claims } = await teamTokens(new URL(done.url).searchParams.get('code') ?? '', verifier)
    expect(claims.org_id).toBe(globex)
  })

  it('refuses the silent login of a user who is not a member', async () => {
    const { browser } = await logIn(standIn, barbara, { parameters: { organization: acme } })
    const { url } = authorization(standIn, { organization: globex, prompt: 'none' })
    const done = await browser.open(url, callback)
    expect(new URL(done.url).searchParams.get('error')).toBe('access_denied')
  })

  it('puts the second factor of a member into the ID token', async () => {
    const { code, verifier } = await logIn(standIn, 'katherine@globex.example', {
      parameters: { ...team, organization: 'globex' },
    })
    expect((await teamTokens(code, verifier)).idClaims.amr).toEqual(['mfa'])
  })
})

describe('a login without an organization, with an application that needs one,', () => {
  it('asks a member of several, who chooses one', async () => {
    const { browser, page, verifier } = await logIn(standIn, frances, { parameters: team })
    expect(page.html).toContain('<h1>Select an organization</h1>')
    expect(page.html).toMatch(/>Acme<.*>Globex</s)
    const done = await browser.submit(page, { organization: globex }, callback)
    const { claims } = await teamTokens(new URL(done.url).searchParams.get('code') ?? '', verifier)
    expect(claims).toMatchObject({ org_id: globex, org_name: 'globex' })
  })

  it('refuses an organization that is not on the page', async () => {
    const management = managementClient(standIn)
    const other = await management.organizations.create({ name: 'hooli' })
    const { browser, page } = await logIn(standIn, frances, { parameters: team })
    const again = await browser.submit(page, { organization: other.id ?? '' }, callback)
    expect(again.status).toBe(400)
    expect(again.html).toContain('Select an organization')
  })

  it('takes the only one of a member', async () => {
    const { code, verifier } = await logIn(standIn, barbara, { parameters: team })
    expect((await teamTokens(code, verifier)).claims.org_id).toBe(acme)
  })

  it('refuses a user without an organization', async () => {
    const { error } = await logIn(standIn, 'ada@example.com', { parameters: team })
    expect(error).toMatch(/^client requires organization membership/)
  })

  it('fails with interaction_required if no page may be shown', async () => {
    const browser = createBrowser()
    const asked = await logIn(standIn, frances, { parameters: team, browser })
    expect(asked.page.html).toContain('Select an organization')
    const { url } = authorization(standIn, { ...team, prompt: 'none' })
    const done = await browser.open(url, callback)
    expect(new URL(done.url).searchParams.get('error')).toBe('interaction_required')
  })
})

it('asks no member of several organizations with an application that needs none', async () => {
  const { code, verifier } = await logIn(standIn, frances)
  const { body } = await standIn.exchange(code, verifier)
  expect(decodeJwt(body.access_token)).not.toHaveProperty('org_id')
})

describe('the login of a member', () => {
  const login = async () => {
    const { code, verifier, browser } = await logIn(standIn, frances, {
      parameters: { ...team, organization: acme },
    })
    return { browser, refresh_token: (await teamTokens(code, verifier)).refresh_token }
  }
  const management = () => managementClient(standIn)
  const id = subjectOf(frances)

  it.each([
    [
      'is removed from the organization',
      () => management().organizations.members.delete(acme, { members: [id] }),
    ],
    ['is blocked', () => management().users.update(id, { blocked: true })],
    ['is deleted', () => management().users.delete(id)],
    ['has an organization that is deleted', () => management().organizations.delete(acme)],
  ])('ends when the member %s', async (_, end) => {
    const { browser, refresh_token } = await login()
    await end()
    expect((await standIn.refresh(refresh_token, teamClient)).status).toBe(403)
    const { url } = authorization(standIn, { ...team, organization: acme, prompt: 'none' })
    const done = await browser.open(url, callback)
    expect(new URL(done.url).searchParams.get('code')).toBeNull()
  })

  it.each([auth0Tenant.audience, ''])(
    'leaves its access token for the audience %j alive when the member is removed',
    async (audience) => {
      const { code, verifier } = await logIn(standIn, frances, {
        parameters: { ...team, organization: acme, audience },
      })
      const { body } = await standIn.exchange(code, verifier, teamClient)
      await management().organizations.members.delete(acme, { members: [id] })
      expect((await standIn.userinfo(body.access_token)).status).toBe(200)
    },
  )

  it('goes on in the other organization', async () => {
    const { browser } = await login()
    await management().organizations.members.delete(acme, { members: [id] })
    const { url } = authorization(standIn, { ...team, organization: globex, prompt: 'none' })
    expect((await browser.open(url, callback)).url).toContain('code=')
  })
})

describe('an invitation', () => {
  const invite = async (email: string) => {
    await managementClient(standIn).organizations.invitations.create(globex, {
      inviter: { name: 'Dorothy Vaughan' },
      invitee: { email },
      client_id: auth0Tenant.team.clientId,
      roles: [auth0Roles.editor],
    })
    const link = new URL(await lastLink(standIn, 'organization-invitation'))
    expect(link.pathname).toBe('/team/auth/login')
    return {
      ...team,
      organization: link.searchParams.get('organization') ?? '',
      invitation: link.searchParams.get('invitation') ?? '',
    }
  }

  it('makes its invitee a member with its roles, once', async () => {
    const parameters = await invite(barbara)
    const { error } = await logIn(standIn, barbara, { parameters })
    expect(error).toBeNull()
    const { members, invitations } = managementClient(standIn).organizations
    const roles = await members.roles.list(globex, subjectOf(barbara))
    expect(roles.data.map(({ name }) => name)).toEqual(['editor'])
    expect((await invitations.list(globex)).data).toEqual([])
  })

  it('refuses another user, and one who comes too late', async () => {
    const parameters = await invite(barbara)
    const other = await logIn(standIn, 'claude@acme.example', { parameters })
    expect(other.error).toMatch(/is not part of/)
    await standIn.control('PUT', 'clock', { offsetSeconds: 8 * 86_400 })
    const late = await logIn(standIn, barbara, { parameters, password: demoPassword })
    expect(late.error).toMatch(/is not part of/)
  })
})
