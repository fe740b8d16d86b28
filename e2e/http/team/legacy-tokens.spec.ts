import { organizations } from '../../../sandbox/settings.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { teamToken } from '../../steps/team-token.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'before-the-migration' })

const meOf = (slug: string, bearer: string) => ask(`/api/team/${slug}/me`, { bearer })

/** A member's session at Stytch, without a login. */
const memberSession = (email: string, organization: string) =>
  stytch.call<{ session_token: string; session_jwt: string }>('POST', 'b2b/session', {
    email,
    organization,
  })

test('a legacy token opens the team of its organization', async () => {
  const answer = await meOf('acme', await teamToken('barbara@acme.example', 'acme'))
  expect(answer.status, answer.text).toBe(200)
  expect(answer.json()).toMatchObject({
    member: { email: 'barbara@acme.example' },
    organization: { slug: 'acme' },
    session: { lane: 'legacy' },
    flow: { name: 'legacy' },
  })
})

for (const [what, claims, status, code] of [
  ['without an organization', { org_id: null, org_name: null }, 401, 'organization_missing'],
  ['of an unknown organization', { org_id: 'org_elsewhere' }, 403, 'organization_mismatch'],
  [
    'of another organization than the page',
    { org_id: organizations.globex.auth0Id, org_name: 'globex' },
    403,
    'organization_mismatch',
  ],
  [
    'whose name alone is that of the page',
    { org_id: organizations.globex.auth0Id, org_name: 'acme' },
    403,
    'organization_mismatch',
  ],
] as const) {
  test(`a legacy token ${what} is refused`, async () => {
    const answer = await meOf('acme', await teamToken('barbara@acme.example', 'acme', claims))
    expect([answer.status, answer.json().error.code]).toEqual([status, code])
  })
}

test('a token of a consumer opens no team, and the token of a member no page of a consumer', async () => {
  const consumer = await stytchCookies('ada@example.com')
  const bearer = await ask('/api/team/acme/me', { bearer: consumer.stytch_session_jwt ?? '' })
  expect([bearer.status, bearer.json().error.code]).toEqual([401, 'issuer_unknown'])

  // The same JWT in the cookie of the other audience.
  const planted = await ask('/api/team/acme/me', {
    cookies: { stytch_b2b_session_jwt: consumer.stytch_session_jwt ?? '' },
  })
  expect([planted.status, planted.json().error.code]).toEqual([401, 'issuer_unknown'])

  const member = await memberSession('edsger@acme.example', 'acme')
  const other = await ask('/api/me', { bearer: member.session_jwt })
  expect([other.status, other.json().error.code]).toEqual([401, 'issuer_unknown'])
  const cookie = await ask('/api/me', { cookies: { stytch_session_jwt: member.session_jwt } })
  expect([cookie.status, cookie.json().error.code]).toEqual([401, 'issuer_unknown'])
})

test('a member of one organization is refused in the other', async () => {
  const member = await memberSession('edsger@acme.example', 'acme')
  expect((await meOf('acme', member.session_jwt)).status).toBe(200)
  for (const path of ['me', 'members', 'notes']) {
    const refused = await ask(`/api/team/globex/${path}`, { bearer: member.session_jwt })
    expect([refused.status, refused.json().error.code]).toEqual([403, 'organization_mismatch'])
  }
  expect((await meOf('nowhere', member.session_jwt)).status).toBe(404)
})
