import { haveMemberSession } from '../../steps/member-session.ts'
import { main } from '../../steps/page.ts'
import { expect } from '../../world/test.ts'
import { expectEachAccessible, heading } from './state.ts'

const edsger = 'edsger@acme.example'

expectEachAccessible([
  {
    name: 'teams, without a session',
    async open(page) {
      await page.goto('/team?problem=organization_denied')
      await heading(page, 'Teams')
      await page.getByText('Do you know the address of your team?').click()
    },
  },
  {
    name: 'the login of a team, legacy flow',
    async open(page) {
      await page.goto('/team/acme/login')
      await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
    },
  },
  {
    name: 'the search for a team',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/team/login')
      await heading(page, 'Find your team')
    },
  },
  {
    name: 'the login of a team, for a member of another one',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveMemberSession(context, edsger, 'acme')
      await page.goto('/team/initech')
      await expect(main(page)).toContainText('You are signed in to Acme')
    },
  },
  {
    name: 'a link of another browser',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/team/authenticate?stytch_token_type=multi_tenant_magic_links&token=x')
      await heading(page, 'Sign in with this link?')
    },
  },
  {
    name: 'the notes of a team',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveMemberSession(context, edsger, 'acme')
      await page.goto('/team/acme')
      await heading(page, 'Notes of Acme')
    },
  },
  {
    name: 'the members of a team',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveMemberSession(context, edsger, 'acme')
      await page.goto('/team/acme/members')
      await heading(page, 'Invite somebody')
    },
  },
])
