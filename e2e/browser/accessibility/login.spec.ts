import { urls } from '../../../sandbox/settings.ts'
import { sealFlag } from '../../steps/flag-cookie.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { askForCode, codeFor } from '../../steps/login.ts'
import { button, main, problem } from '../../steps/page.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect } from '../../world/test.ts'
import { expectEachAccessible, heading } from './state.ts'

const ada = 'ada@example.com'

expectEachAccessible([
  {
    name: 'login, legacy flow',
    async open(page) {
      await page.goto('/login')
      await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
    },
  },
  {
    name: 'login, legacy flow, after a login that did not work',
    async open(page) {
      await page.goto('/auth/callback?error=access_denied&state=x')
      await expect(main(page)).toContainText('Sign-in failed')
    },
  },
  {
    name: 'login, where an account is created at Stytch and the login is the legacy one',
    policy: rolling({ newSignUps: true }),
    async open(page) {
      await page.goto('/login?with=signup')
      await heading(page, 'Create an account')
      await expect(page).toHaveTitle(/^Create an account/)
    },
  },
  {
    name: 'login, on a device whose user signed up at Stytch',
    policy: rolling({ newSignUps: true }),
    async open(page, context) {
      const value = await sealFlag({ isNewSignUp: true })
      await context.addCookies([{ name: 'auth_flow', value, url: urls.app }])
      await page.goto('/login')
      await expect(page.getByRole('link', { name: 'Use the previous login' })).toBeVisible()
    },
  },
  {
    name: 'a return from another provider',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/authenticate?stytch_token_type=oauth&token=unknown')
      await heading(page, 'Sign in with this account?')
    },
  },
  {
    name: 'login, when sign-in has changed',
    policy: 'all-at-once',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/dashboard')
      await expect(main(page)).toContainText('Sign-in has changed')
    },
  },
  {
    name: 'login, when the session has ended',
    policy: 'zero-downtime',
    async open(page, context) {
      await context.addCookies([
        { name: 'stytch_session', value: 'a-token-of-nobody-at-all', url: urls.app },
      ])
      await page.goto('/dashboard')
      await expect(main(page)).toContainText('Your session has ended')
    },
  },
  {
    name: 'login, when the address was confirmed after the session began',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?reason=session_unproved')
      await expect(main(page)).toContainText('Confirm your email address')
    },
  },
  {
    name: 'login, when the account needs its second factor',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?reason=mfa_required')
      await expect(page.getByRole('link', { name: 'Use the previous login' })).toBeVisible()
    },
  },
  {
    name: 'login, when cookies contradict each other',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?reason=duplicate_cookie')
      await expect(main(page)).toContainText('conflicting cookies')
    },
  },
  {
    name: 'login, email',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login')
      await expect(button(page, 'Email me a code')).toBeVisible()
    },
  },
  {
    name: 'login, email, with a problem',
    policy: 'zero-downtime',
    async open(page) {
      await stytch.setFaults([{ path: '/v1/*', drop: true }])
      await page.goto('/login')
      await page.getByLabel('Email address').fill(ada)
      await button(page, 'Email me a code').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'login, the code',
    policy: 'zero-downtime',
    open: (page) => askForCode(page, ada, '/login'),
  },
  {
    name: 'login, a wrong code',
    policy: 'zero-downtime',
    async open(page) {
      await askForCode(page, ada, '/login')
      await page
        .getByLabel('Six-digit code')
        .fill((await codeFor(ada)) === '123456' ? '654321' : '123456')
      await button(page, 'Sign in').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'login, a new code was sent',
    policy: 'zero-downtime',
    async open(page) {
      await askForCode(page, ada, '/login')
      await button(page, 'Send a new code').click()
      await expect(main(page)).toContainText('We sent a new code')
    },
  },
  {
    name: 'login, a code of another browser',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?step=code')
      await heading(page, 'Start again')
    },
  },
  {
    name: 'login, the mail with the link is on its way',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login')
      await page.getByLabel('Email address').fill(`${'a'.repeat(50)}@${'b'.repeat(50)}.example`)
      await button(page, 'Email me a link').click()
      await heading(page, 'Check your email')
    },
  },
  {
    name: 'login, password',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?with=password')
      await expect(page.getByRole('link', { name: 'Forgot password?' })).toBeVisible()
    },
  },
  {
    name: 'login, a wrong password',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?with=password')
      await page.getByLabel('Email address').fill(ada)
      await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
      await button(page, 'Sign in').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'login, sign-up with a weak password',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?with=signup')
      await page.getByLabel('Email address').fill('weak@example.com')
      await page.getByLabel('Password', { exact: true }).fill('password1')
      await button(page, 'Create account').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'login, forgot password',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?with=reset')
      await heading(page, 'Forgot password')
    },
  },
  {
    name: 'login, already signed in',
    async open(page, context) {
      await haveLegacySession(context, ada)
      await page.goto('/login')
      await heading(page, 'You are signed in')
    },
  },
])
