import { urls } from '../../../sandbox/settings.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { resetLinkFor } from '../../steps/login.ts'
import { addNote, button, main, problem } from '../../steps/page.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect } from '../../world/test.ts'
import { expectEachAccessible, heading, longWord } from './state.ts'

const ada = 'ada@example.com'

expectEachAccessible([
  { name: 'home, signed out', open: (page) => page.goto('/') },
  {
    name: 'home, signed in as an operator',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/')
      await expect(button(page, 'Sign out')).toBeVisible()
    },
  },
  {
    name: 'authenticate, an incomplete link',
    async open(page) {
      await page.goto('/authenticate')
      await heading(page, 'This link is incomplete')
    },
  },
  {
    name: 'authenticate, an unknown link',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
      await heading(page, 'This link is unknown')
    },
  },
  {
    name: 'authenticate, while the link is checked',
    policy: 'zero-downtime',
    async open(page) {
      // Without its scripts, the page stays in this state.
      await page.route('**/_next/static/**/*.js', (route) => route.abort())
      await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
      await heading(page, 'Signing you in')
    },
  },
  {
    name: 'authenticate, someone else is signed in',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveStytchSession(context, ada)
      await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
      await heading(page, 'Sign in with this link?')
    },
  },
  {
    name: 'authenticate, a new password that is too weak',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?with=reset')
      await page.getByLabel('Email address').fill(ada)
      await button(page, 'Email me a reset link').click()
      await heading(page, 'Check your email')
      await page.goto(await resetLinkFor(ada))
      await page.getByLabel('New password').fill('password1')
      await button(page, 'Set password and sign in').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'dashboard, legacy lane, without notes',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/dashboard')
      await expect(main(page)).toContainText('No notes yet')
    },
  },
  {
    name: 'dashboard, Stytch lane, with notes',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveStytchSession(context, ada)
      await page.goto('/dashboard')
      await addNote(page, `One short, ${longWord}`)
      await addNote(page, 'Another one')
    },
  },
  {
    name: 'dashboard, just carried over',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/dashboard')
      await expect(main(page)).toContainText('Your session was migrated to Stytch.')
    },
  },
  {
    name: 'dashboard, not carried over',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveLegacySession(context, 'alan@example.com')
      await page.goto('/dashboard')
      await expect(main(page)).toContainText('email_not_verified')
    },
  },
  {
    name: 'dashboard, the database is away',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/dashboard')
      await database.setUp(false)
      await page.reload()
      await expect(main(page)).toContainText(/(?:account is|notes are) unavailable/)
    },
  },
  {
    name: 'dashboard, with the inspector open',
    policy: 'zero-downtime',
    async open(page, context) {
      await haveStytchSession(context, ada)
      await page.goto('/dashboard')
      await page.locator('summary').click()
      await expect(page.getByRole('region', { name: 'Trace' })).toBeVisible()
    },
  },
  {
    name: 'forbidden',
    async open(page, context) {
      await haveLegacySession(context, 'grace@example.com')
      expect((await page.goto('/control'))?.status()).toBe(403)
    },
  },
  {
    name: 'not found',
    async open(page, context) {
      await haveLegacySession(context, ada)
      expect((await page.goto('/no-such-page'))?.status()).toBe(404)
    },
  },
  {
    name: 'unavailable',
    policy: 'zero-downtime',
    async open(page, context) {
      await stytch.setFaults([{ path: '/v1/sessions/authenticate', status: 500, body: {} }])
      await context.addCookies([
        { name: 'stytch_session', value: 'a-token-to-ask-about', url: urls.app },
      ])
      expect((await page.goto('/dashboard'))?.status()).toBe(503)
      await expect(main(page)).toContainText('You are still signed in')
    },
  },
])
