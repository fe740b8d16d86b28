import { afterAll, beforeEach, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'
import { b2bSandboxValues } from './sandbox-values.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { success, unableToAuth, notFound } = b2bSandboxValues.magicLink
const sandbox = {
  organization_id: b2bSandboxValues.organizationId,
  email_address: b2bSandboxValues.email,
}

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

it('sends no mail to the sandbox address', async () => {
  await b2b.magicLinks.email.loginOrSignup(sandbox)
  const { member, organization } = await b2b.magicLinks.email.invite(sandbox)
  await b2b.magicLinks.email.discovery.send({ email_address: sandbox.email_address })
  expect(organization.organization_id).toBe(sandbox.organization_id)
  expect(member.email_address).toBe(sandbox.email_address)
  expect((await standIn.control('GET', 'inbox')).body).toEqual([])
})

it('accepts the magic link token, and answers the two documented errors', async () => {
  const authenticate = (magic_links_token: string) =>
    b2b.magicLinks.authenticate({ magic_links_token })
  const answer = await authenticate(success)
  expect(answer).toMatchObject({
    member_authenticated: true,
    organization: { organization_id: sandbox.organization_id },
  })
  const { session_token } = answer
  await b2b.sessions.authenticate({ session_token })
  expect(await errorOf(authenticate(unableToAuth))).toEqual([401, 'unable_to_auth_magic_link'])
  expect(await errorOf(authenticate(notFound))).toEqual([404, 'magic_link_not_found'])
})

it('accepts the discovery token, and answers the two documented errors', async () => {
  const authenticate = (discovery_magic_links_token: string) =>
    b2b.magicLinks.discovery.authenticate({ discovery_magic_links_token })
  const { intermediate_session_token } = await authenticate(success)
  const { organization_id } = sandbox
  const answer = await b2b.discovery.intermediateSessions.exchange({
    intermediate_session_token,
    organization_id,
  })
  expect(answer.member_authenticated).toBe(true)
  expect(await errorOf(authenticate(unableToAuth))).toEqual([401, 'unable_to_auth_magic_link'])
  expect(await errorOf(authenticate(notFound))).toEqual([404, 'magic_link_not_found'])
})

it('answers that OAuth and SSO are not played', async () => {
  for (const call of [
    () => b2b.oauth.authenticate({ oauth_token: 'x' }),
    () => b2b.oauth.discovery.authenticate({ discovery_oauth_token: 'x' }),
    () => b2b.sso.authenticate({ sso_token: 'x' }),
  ]) {
    expect(await errorOf(call())).toEqual([501, 'stand_in_not_implemented'])
  }
})
