import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPassword, demoUsers, stytchProject } from '../../settings.ts'
import { client, errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { stytch } = standIn
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const ada = { email: 'ada@example.com', password: demoPassword }
const signIn = () => stytch.passwords.authenticate({ ...ada, session_duration_minutes: 60 })

describe('a session', () => {
  it('has a token of 44 characters and a JWT of five minutes with the documented claims', async () => {
    const { session, session_token, session_jwt, user_id } = await stytch.passwords.authenticate({
      ...ada,
      session_duration_minutes: 30,
      session_custom_claims: { team: { id: 1 } },
    })
    expect(session_token).toMatch(/^[\w-]{44}$/)
    expect(decodeProtectedHeader(session_jwt)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^jwk-test-/),
    })
    const claims = decodeJwt(session_jwt)
    expect(claims).toMatchObject({
      iss: `stytch.com/${stytchProject.projectId}`,
      aud: [stytchProject.projectId],
      sub: user_id,
      team: { id: 1 },
      'https://stytch.com/session': {
        id: session?.session_id,
        attributes: { user_agent: '', ip_address: '' },
        authentication_factors: [{ type: 'password', delivery_method: 'knowledge' }],
        roles: ['stytch_user'],
      },
    })
    expect(claims.nbf).toBe(claims.iat)
    expect(claims.exp).toBe((claims.iat ?? 0) + 300)
    const length = Date.parse(session?.expires_at ?? '') - Date.parse(session?.started_at ?? '')
    expect(length).toBe(30 * 60_000)
    expect(session?.started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  it('is not created without session_duration_minutes', async () => {
    const answer = await stytch.passwords.authenticate(ada)
    expect(answer).toMatchObject({ session_token: '', session_jwt: '' })
    expect(answer.session).toBeUndefined()
    const { sessions } = await stytch.sessions.get({ user_id: answer.user_id })
    expect(sessions).toEqual([])
  })

  it('is authenticated by token and by JWT, and listed', async () => {
    const { session_token, session_jwt, session, user_id } = await signIn()
    const byToken = await stytch.sessions.authenticate({ session_token })
    expect(byToken).toMatchObject({ session_token, user: { user_id } })
    const byJwt = await stytch.sessions.authenticate({ session_jwt })
    expect(byJwt.session.session_id).toBe(session?.session_id)
    const { sessions } = await stytch.sessions.get({ user_id: demoUsers[0]?.subject ?? '' })
    expect(sessions.map(({ session_id }) => session_id)).toEqual([session?.session_id])
  })

  it('is refreshed by an expired JWT, and extended only by a duration', async () => {
    const { session_jwt, session } = await signIn()
    await standIn.setClock(20 * 60)
    const refreshed = await stytch.sessions.authenticate({ session_jwt })
    expect(refreshed.session.expires_at).toBe(session?.expires_at)
    expect(refreshed.session.last_accessed_at).not.toBe(session?.last_accessed_at)
    const iat = decodeJwt(refreshed.session_jwt).iat ?? 0
    expect(iat - (decodeJwt(session_jwt).iat ?? 0)).toBeGreaterThanOrEqual(20 * 60)

    const { session_token } = refreshed
    const extended = await stytch.sessions.authenticate({
      session_token,
      session_duration_minutes: 60,
    })
    const later = Date.parse(extended.session.expires_at ?? '')
    expect(later).toBeGreaterThan(Date.parse(session?.expires_at ?? ''))
  })

  it('expires', async () => {
    const { session_token, session_jwt } = await signIn()
    await standIn.setClock(60 * 60)
    const gone = [404, 'session_not_found']
    expect(await errorOf(stytch.sessions.authenticate({ session_token }))).toEqual(gone)
    expect(await errorOf(stytch.sessions.authenticate({ session_jwt }))).toEqual(gone)
  })

  it.each(['session_id', 'session_token', 'session_jwt'] as const)(
    'is revoked by %s',
    async (by) => {
      const { session, session_token, session_jwt } = await signIn()
      const all = { session_id: session?.session_id ?? '', session_token, session_jwt }
      await stytch.sessions.revoke({ [by]: all[by] })
      const gone = [404, 'session_not_found']
      expect(await errorOf(stytch.sessions.authenticate({ session_token }))).toEqual(gone)
      expect(await errorOf(stytch.sessions.revoke({ session_token }))).toEqual(gone)
    },
  )

  it('merges custom claims, and null deletes one', async () => {
    const first = await stytch.passwords.authenticate({
      ...ada,
      session_duration_minutes: 60,
      session_custom_claims: { a: 1, deep: { x: 1, y: 2 } },
    })
    const { session_jwt } = await stytch.sessions.authenticate({
      session_token: first.session_token,
      session_custom_claims: { a: null, deep: { y: 3 } },
    })
    const claims = decodeJwt(session_jwt)
    expect(claims).toMatchObject({ deep: { x: 1, y: 3 } })
    expect(claims).not.toHaveProperty('a')
  })

  it('gets a second factor when the request has a live session', async () => {
    const { session_token, session } = await signIn()
    const { token } = await stytch.magicLinks.create({ user_id: demoUsers[0]?.subject ?? '' })
    const answer = await stytch.magicLinks.authenticate({ token, session_token })
    expect(answer.session?.session_id).toBe(session?.session_id)
    const types = answer.session?.authentication_factors.map(({ type }) => type)
    expect(types).toEqual(['password', 'magic_link'])
  })
})

describe('refuses', () => {
  it.each([4, 527_041, 10.5, 0, -5])('a duration of %d minutes', async (minutes) => {
    const call = stytch.passwords.authenticate({ ...ada, session_duration_minutes: minutes })
    expect(await errorOf(call)).toEqual([400, 'invalid_session_duration_minutes'])
  })

  it.each([
    ['reserved_claims_in_custom_claims', { sub: 'x' }],
    ['stytch_claims_in_custom_claims', { 'https://stytch.com/session': {} }],
    ['custom_claims_too_large', { big: 'x'.repeat(4100) }],
  ])('custom claims: %s', async (type, session_custom_claims) => {
    const options = { session_duration_minutes: 60, session_custom_claims }
    expect(await errorOf(stytch.passwords.authenticate({ ...ada, ...options }))).toEqual([
      400,
      type,
    ])
  })

  it('both a token and a JWT, and neither of them', async () => {
    const { session_token, session_jwt } = await signIn()
    const { sessions } = stytch
    const both = await errorOf(sessions.authenticate({ session_token, session_jwt }))
    expect(both).toEqual([400, 'too_many_session_arguments'])
    expect(await errorOf(sessions.authenticate({}))).toEqual([400, 'no_session_arguments'])
    const revoke = await errorOf(sessions.revoke({ session_token, session_jwt }))
    expect(revoke).toEqual([400, 'too_many_session_revoke_arguments'])
    expect(await errorOf(sessions.revoke({}))).toEqual([400, 'no_session_revoke_arguments'])
  })

  it.each([
    ['signed with a foreign key', { signWith: 'stranger' }],
    ['unsigned', { header: { alg: 'none' } }],
    ['signed with the public key as a secret', { header: { alg: 'HS256' } }],
    ['of another project', { claims: { aud: ['project-test-other'] } }],
    ['of another issuer', { claims: { iss: 'stytch.com/project-test-other' } }],
    ['without a session claim', { claims: { 'https://stytch.com/session': null } }],
  ])('a JWT %s', async (_name, forgery) => {
    const { body } = await standIn.control('POST', 'session', { email: ada.email, ...forgery })
    const { session_jwt } = body
    const call = stytch.sessions.authenticate({ session_jwt })
    expect(await errorOf(call)).toEqual([400, 'unable_to_parse_session_jwt'])
  })

  it('an authorization check, as not implemented', async () => {
    const { session_token } = await signIn()
    const authorization_check = { resource_id: 'docs', action: 'read' }
    const call = stytch.sessions.authenticate({ session_token, authorization_check })
    expect(await errorOf(call)).toEqual([501, 'stand_in_not_implemented'])
  })
})

describe('the key set', () => {
  const mint = async (options = {}) =>
    (await standIn.control('POST', 'session', { email: ada.email, ...options })).body.session_jwt

  it('lets the real SDK verify a session JWT locally', async () => {
    const session_jwt = await mint({ userAgent: 'Test/1', claims: { plan: 'pro' } })
    const session = await client(standIn.url).sessions.authenticateJwtLocal({ session_jwt })
    expect(session).toMatchObject({
      attributes: { user_agent: 'Test/1' },
      custom_claims: { plan: 'pro' },
      roles: ['stytch_user'],
    })
  })

  it('needs no credentials, and exists only for the project', async () => {
    const { keys } = await stytch.sessions.getJWKS({ project_id: stytchProject.projectId })
    expect(keys).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig', key_ops: ['verify'] }])
    const url = `${standIn.url}/v1/sessions/jwks`
    expect((await fetch(`${url}/${stytchProject.projectId}`)).status).toBe(200)
    expect((await fetch(`${url}/project-test-other`)).status).toBe(404)
  })

  it('stays the same after a reset', async () => {
    const project_id = stytchProject.projectId
    const before = await stytch.sessions.getJWKS({ project_id })
    await standIn.control('POST', 'reset')
    const after = await stytch.sessions.getJWKS({ project_id })
    expect(after.keys).toEqual(before.keys)
  })

  it('after a rotation, has the old and the new key', async () => {
    const old = await mint()
    await standIn.control('PUT', 'jwks', { mode: 'rotate' })
    const fresh = await mint()
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid)
    const verifier = client(standIn.url).sessions
    for (const session_jwt of [old, fresh]) {
      expect(await verifier.authenticateJwtLocal({ session_jwt })).toHaveProperty('session_id')
    }
  })

  it.each(['empty', 'error'])('in the mode %s, lets the SDK verify nothing', async (mode) => {
    const session_jwt = await mint()
    await standIn.control('PUT', 'jwks', { mode })
    const call = client(standIn.url).sessions.authenticateJwtLocal({ session_jwt })
    await expect(call).rejects.toMatchObject({ code: 'jwt_invalid' })
  })

  it('in the mode slow, lets the verifier wait', async () => {
    await standIn.control('PUT', 'jwks', { mode: 'slow' })
    const url = `${standIn.url}/v1/sessions/jwks/${stytchProject.projectId}`
    const call = fetch(url, { signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it.each([
    ['a foreign key', { signWith: 'stranger' }],
    ['no signature', { header: { alg: 'none' } }],
    ['the public key as a secret', { header: { alg: 'HS256' } }],
    ['an unknown key id', { header: { kid: 'jwk-test-other' } }],
    ['a past expiry', { claims: { exp: 1 } }],
    ['another type', { header: { typ: 'at+jwt' } }],
  ])('lets the SDK refuse a JWT with %s', async (_name, forgery) => {
    const session_jwt = await mint(forgery)
    const call = stytch.sessions.authenticateJwtLocal({ session_jwt })
    await expect(call).rejects.toMatchObject({ code: 'jwt_invalid' })
  })
})
