import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { stytchB2bProject } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b, stytch, control } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const email = 'edsger@acme.example'
const open = async (organization = 'acme', rest: object = {}) => {
  const { body } = await control('POST', 'b2b/session', { email, organization, ...rest })
  return body as { session_token: string; session_jwt: string }
}

describe('a member session', () => {
  it('is authenticated by token and by JWT', async () => {
    const { session_token, session_jwt } = await open()
    const byToken = await b2b.sessions.authenticate({ session_token })
    expect(byToken).toMatchObject({
      session_token,
      member: { email_address: email, status: 'active' },
      organization: { organization_slug: 'acme' },
      member_session: {
        member_id: byToken.member.member_id,
        organization_id: byToken.organization.organization_id,
        organization_slug: 'acme',
        roles: ['stytch_member', 'stytch_admin'],
        authentication_factors: [
          { type: 'magic_link', delivery_method: 'email', email_factor: { email_address: email } },
        ],
      },
    })
    const byJwt = await b2b.sessions.authenticate({ session_jwt })
    expect(byJwt.member_session.member_session_id).toBe(byToken.member_session.member_session_id)
  })

  it('has a JWT with the claims of the session and the organization', async () => {
    const { session_jwt } = await open()
    const { member, organization } = await b2b.sessions.authenticate({ session_jwt })
    const claims = decodeJwt(session_jwt)
    const { projectId } = stytchB2bProject
    expect(claims).toMatchObject({
      iss: `stytch.com/${projectId}`,
      aud: [projectId],
      sub: member.member_id,
      'https://stytch.com/session': { roles: ['stytch_member', 'stytch_admin'] },
      'https://stytch.com/organization': {
        organization_id: organization.organization_id,
        slug: 'acme',
      },
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300)
    expect(decodeProtectedHeader(session_jwt)).toMatchObject({ alg: 'RS256', typ: 'JWT' })
  })

  it('is verified by the SDK without a call', async () => {
    const { session_jwt } = await open()
    await control('DELETE', 'requests')
    const session = await b2b.sessions.authenticateJwtLocal({ session_jwt })
    expect(session).toMatchObject({ organization_slug: 'acme', custom_claims: {} })
    const { body } = await control('GET', 'requests')
    expect((body as { path: string }[]).map(({ path }) => path)).toEqual([
      `/v1/b2b/sessions/jwks/${stytchB2bProject.projectId}`,
    ])
  })

  it('shows the current roles after a change', async () => {
    const { session_token } = await open()
    await control('PUT', 'b2b/member', { email, organization: 'acme', roles: ['editor'] })
    const { member_session } = await b2b.sessions.authenticate({ session_token })
    expect(member_session.roles).toEqual(['stytch_member', 'editor'])
  })

  it('is extended only by a duration, and keeps custom claims', async () => {
    const { session_token } = await open('acme', { minutes: 5 })
    const before = await b2b.sessions.authenticate({
      session_token,
      session_custom_claims: { plan: 'pro' },
    })
    const after = await b2b.sessions.authenticate({ session_token, session_duration_minutes: 60 })
    const length = ({ member_session: { started_at, expires_at } }: typeof after) =>
      Math.round((Date.parse(expires_at) - Date.parse(started_at)) / 60_000)
    expect([length(before), length(after)]).toEqual([5, 60])
    expect(decodeJwt(after.session_jwt)).toMatchObject({ plan: 'pro' })
  })

  it('ends when it expires', async () => {
    const { session_token } = await open('acme', { minutes: 5 })
    await standIn.setClock(301)
    const call = b2b.sessions.authenticate({ session_token })
    expect(await errorOf(call)).toEqual([404, 'session_not_found'])
  })

  it('is listed for its member alone', async () => {
    await open()
    await open('initech')
    const { session_token } = await open()
    const { member } = await b2b.sessions.authenticate({ session_token })
    const { member_sessions } = await b2b.sessions.get({
      organization_id: 'acme',
      member_id: member.member_id,
    })
    expect(member_sessions).toHaveLength(2)
    expect(new Set(member_sessions.map(({ organization_slug }) => organization_slug))).toEqual(
      new Set(['acme']),
    )
  })
})

describe('revoking', () => {
  it('ends one session by token, by JWT and by id', async () => {
    const sessions = [await open(), await open(), await open()]
    const [first, second, third] = sessions
    const { member_session } = await b2b.sessions.authenticate({
      session_token: third?.session_token ?? '',
    })
    await b2b.sessions.revoke({ session_token: first?.session_token ?? '' })
    await b2b.sessions.revoke({ session_jwt: second?.session_jwt ?? '' })
    await b2b.sessions.revoke({ member_session_id: member_session.member_session_id })
    for (const { session_token } of sessions) {
      const call = b2b.sessions.authenticate({ session_token })
      expect(await errorOf(call)).toEqual([404, 'session_not_found'])
    }
  })

  it('ends all sessions of a member, and none of the same person elsewhere', async () => {
    const elsewhere = await open('initech')
    const { session_token } = await open()
    const { member } = await b2b.sessions.authenticate({ session_token })
    await b2b.sessions.revoke({ member_id: member.member_id })
    const call = b2b.sessions.authenticate({ session_token })
    expect(await errorOf(call)).toEqual([404, 'session_not_found'])
    const other = await b2b.sessions.authenticate({ session_token: elsewhere.session_token })
    expect(other.organization.organization_slug).toBe('initech')
  })

  it('refuses no argument, two arguments and an unknown member', async () => {
    const { session_token, session_jwt } = await open()
    const { revoke } = { revoke: b2b.sessions.revoke.bind(b2b.sessions) }
    expect(await errorOf(revoke({}))).toEqual([400, 'no_session_revoke_arguments'])
    const two = revoke({ session_token, session_jwt })
    expect(await errorOf(two)).toEqual([400, 'too_many_session_revoke_arguments'])
    expect(await errorOf(revoke({ member_id: 'x' }))).toEqual([404, 'member_not_found'])
  })
})

describe('refuses', () => {
  it('a session of the consumer project, by token and by JWT', async () => {
    const { body } = await control('POST', 'session', { email: 'ada@example.com' })
    const { session_token, session_jwt } = body
    const byToken = b2b.sessions.authenticate({ session_token })
    expect(await errorOf(byToken)).toEqual([404, 'session_not_found'])
    const byJwt = b2b.sessions.authenticate({ session_jwt })
    expect(await errorOf(byJwt)).toEqual([400, 'unable_to_parse_session_jwt'])
  })

  it('a member session at the consumer project, by token and by JWT', async () => {
    const { session_token, session_jwt } = await open()
    const byToken = stytch.sessions.authenticate({ session_token })
    expect(await errorOf(byToken)).toEqual([404, 'session_not_found'])
    const byJwt = stytch.sessions.authenticate({ session_jwt })
    expect(await errorOf(byJwt)).toEqual([400, 'unable_to_parse_session_jwt'])
  })

  it('a JWT with a foreign key', async () => {
    const { session_jwt } = await open('acme', { signWith: 'stranger' })
    const call = b2b.sessions.authenticate({ session_jwt })
    expect(await errorOf(call)).toEqual([400, 'unable_to_parse_session_jwt'])
    await expect(b2b.sessions.authenticateJwtLocal({ session_jwt })).rejects.toMatchObject({
      code: 'jwt_invalid',
    })
  })

  it('a token and a JWT together, and neither', async () => {
    const both = b2b.sessions.authenticate(await open())
    expect(await errorOf(both)).toEqual([400, 'too_many_session_arguments'])
    expect(await errorOf(b2b.sessions.authenticate({}))).toEqual([400, 'no_session_arguments'])
  })

  it('a duration out of range, and a reserved claim', async () => {
    const { session_token } = await open()
    const short = b2b.sessions.authenticate({ session_token, session_duration_minutes: 4 })
    expect(await errorOf(short)).toEqual([400, 'invalid_session_duration_minutes'])
    const session_custom_claims = { sub: 'somebody' }
    const claims = b2b.sessions.authenticate({ session_token, session_custom_claims })
    expect(await errorOf(claims)).toEqual([400, 'reserved_claims_in_custom_claims'])
  })

  it('a trusted auth token', async () => {
    const call = b2b.sessions.attest({ profile_id: 'x', token: 'y' })
    expect(await errorOf(call)).toEqual([501, 'stand_in_not_implemented'])
  })
})
