import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { organizations } from '../../settings.ts'
import { errorOf, serve, startForTests } from '../fixture.ts'

/** The next response of the userinfo endpoint. */
let answer: { status?: number; body: string }
let seen: { method?: string; authorization?: string }[] = []

const userinfo = await serve((request, response) => {
  seen.push({ method: request.method, authorization: request.headers.authorization })
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
  response.end(answer.body)
})
const standIn = await startForTests({ userinfoUrl: `${userinfo.url}/userinfo` })
const { b2b, control } = standIn
const { members } = b2b.organizations

const barbara = 'barbara@acme.example'
beforeEach(() => {
  answer = { body: JSON.stringify({ sub: 'auth0|1', email: 'Barbara@Acme.example' }) }
  seen = []
})
afterEach(() => control('POST', 'reset'))
afterAll(async () => {
  await standIn.close()
  await userinfo.close()
})

const acme = { organization_id: 'acme' }
const migrate = (options = {}) =>
  b2b.sessions.migrate({ ...acme, session_token: 'legacy-token', ...options })
const addBarbara = () => members.create({ ...acme, email_address: barbara })
const unknown = [404, 'migrate_from_external_email_does_not_exist']

describe('migrating a member session', () => {
  it('sends the token to userinfo once, and finds the member in any letter case', async () => {
    const { member_id } = await addBarbara()
    const migrated = await migrate({
      organization_id: organizations.acme.auth0Id,
      session_custom_claims: { from: 'auth0' },
    })
    expect(seen).toEqual([{ method: 'GET', authorization: 'Bearer legacy-token' }])
    expect(migrated).toMatchObject({
      member_id,
      member: { email_address: barbara, email_address_verified: false },
      organization: { organization_slug: 'acme' },
      member_session: {
        member_id,
        authentication_factors: [{ type: 'imported', delivery_method: 'imported_auth0' }],
      },
    })
    const { session_jwt } = migrated
    const local = await b2b.sessions.authenticateJwtLocal({ session_jwt })
    expect(local).toMatchObject({ member_id, custom_claims: { from: 'auth0' } })
  })

  it('lasts one hour, or the duration', async () => {
    await addBarbara()
    const lengths = []
    for (const session_duration_minutes of [undefined, 10]) {
      const { member_session } = await migrate({ session_duration_minutes })
      const { started_at = '', expires_at = '' } = member_session ?? {}
      lengths.push((Date.parse(expires_at) - Date.parse(started_at)) / 60_000)
    }
    expect(lengths).toEqual([60, 10])
  })

  it('is a full session, although the organization demands more of a login', async () => {
    await addBarbara()
    await b2b.organizations.update({
      ...acme,
      mfa_policy: 'REQUIRED_FOR_ALL',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['sso'],
    })
    const { session_token, member_session } = await migrate()
    expect(session_token).not.toBe('')
    expect(member_session?.member_session_id).toMatch(/^session-test-/)
  })
})

describe('refuses', () => {
  it('a person without a member, and creates none although the domain may join', async () => {
    expect(await errorOf(migrate())).toEqual(unknown)
    const { members: found } = await members.search({ organization_ids: ['acme'] })
    expect(found.map(({ email_address }) => email_address)).toEqual(['edsger@acme.example'])
  })

  it('a member of another organization alone', async () => {
    await addBarbara()
    expect(await errorOf(migrate({ organization_id: 'globex' }))).toEqual(unknown)
  })

  it.each(['pending', 'invited', 'deleted'])('a %s member', async (status) => {
    await addBarbara()
    await control('PUT', 'b2b/member', { email: barbara, organization: 'acme', status })
    expect(await errorOf(migrate())).toEqual(unknown)
  })

  it('a locked member, until the lock expires', async () => {
    await addBarbara()
    await control('PUT', 'b2b/member', { email: barbara, organization: 'acme', locked: true })
    expect(await errorOf(migrate())).toEqual([429, 'user_lock_limit_reached'])
    await standIn.setClock(3601)
    expect((await migrate()).member.is_locked).toBe(false)
  })

  it('an unknown organization, before it asks userinfo', async () => {
    const call = migrate({ organization_id: 'org_unknown' })
    expect(await errorOf(call)).toEqual([404, 'organization_not_found'])
    expect(seen).toEqual([])
  })

  it('a missing organization', async () => {
    const call = migrate({ organization_id: undefined })
    expect(await errorOf(call)).toEqual([400, 'bad_request'])
  })

  it.each([
    ['a refused token', { status: 401, body: '{}' }],
    ['no address', { body: '{"sub":"auth0|1"}' }],
    ['no JSON', { body: '<html>' }],
  ])('%s', async (_name, response) => {
    await addBarbara()
    answer = response
    const expected = [400, 'migrate_from_external_unexpected_response']
    expect(await errorOf(migrate())).toEqual(expected)
  })

  it('every session when the project has no userinfo endpoint', async () => {
    await control('PUT', 'project', { userinfoUrl: null })
    const expected = [400, 'migrate_from_external_missing_userinfo']
    expect(await errorOf(migrate())).toEqual(expected)
  })

  it('a duration out of range', async () => {
    const call = migrate({ session_duration_minutes: 4 })
    expect(await errorOf(call)).toEqual([400, 'invalid_session_duration_minutes'])
  })
})
