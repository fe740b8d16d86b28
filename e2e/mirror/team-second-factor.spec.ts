import { organizations } from '../../sandbox/settings.ts'
import { memberSessionCookies } from '../steps/member-session.ts'
import { ask } from '../steps/request.ts'
import { submit } from '../steps/server-action.ts'
import { teamCookies } from '../steps/team-session.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { expect, test } from './test.ts'

/** A member with a second factor at Auth0, and a reader of their mailbox: docs/identity-proof.md. */

const email = 'claude@acme.example'
const refused = '/team/acme/login?reason=mfa_required&returnTo=%2Fteam%2Facme'
const forgetMember = () => database.query('delete from accounts where email = $1', [email])

test.beforeEach(async () => {
  await forgetMember()
  await auth0.call('PUT', 'second-factor', { email, enrolled: true })
})
test.afterEach(async () => {
  await forgetMember()
  await auth0.call('PUT', 'second-factor', { email, enrolled: false })
})

for (const policy of ['zero-downtime', 'all-at-once'] as const) {
  test.describe(`a mailed link does not replace the second factor of a member, ${policy}:`, () => {
    test.use({ policy })

    test('the login of the team refuses it, expires its cookies and leads to the previous login', async () => {
      const sessionToken = (await memberSessionCookies(email, 'acme')).stytch_b2b_session as string
      const answer = await submit(
        'app/team/login/actions.ts#adoptSession',
        '/team/acme/login',
        { returnTo: '/team/acme', sessionToken },
        { cookies: { stytch_b2b_session: sessionToken } },
      )
      expect(answer.headers.get('x-action-redirect')?.split(';')[0]).toBe(refused)
      const set = answer.headers.getSetCookie()
      expect(set.join('\n')).toMatch(/stytch_b2b_session=;/)

      const login = await ask(refused)
      expect(login.text).toContain('Your account needs your second factor')
      const { auth0Id } = organizations.acme
      expect(login.text).toContain(
        `href="/team/auth/login?organization=${auth0Id}&amp;returnTo=%2Fteam%2Facme"`,
      )

      const flag = set.findLast((line) => line.startsWith('auth_flow_team=')) ?? ''
      const auth_flow_team = decodeURIComponent(flag.split(';', 1)[0]?.split('=')[1] ?? '')
      const legacy = { ...(await teamCookies(email, 'acme')), auth_flow_team }
      const seen = await ask('/api/team/acme/me', { cookies: legacy })
      expect(seen.json()).toMatchObject({ member: { email }, session: { lane: 'legacy' } })
    })

    test('a session that goes around the login opens nothing of the team', async () => {
      const cookies = await memberSessionCookies(email, 'acme')
      const bearer = cookies.stytch_b2b_session_jwt as string
      for (const credentials of [{ bearer }, { cookies }]) {
        const seen = await ask('/api/team/acme/notes', credentials)
        expect(seen.status).toBe(401)
        expect(seen.json().error.code).toBe('mfa_required')
      }
      const page = await ask('/team/acme/members', { cookies })
      expect(page.headers.get('location') ?? page.text).toContain('reason=mfa_required')
    })
  })
}
