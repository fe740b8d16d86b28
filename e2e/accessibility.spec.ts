import type { BrowserContext, Locator, Page } from '@playwright/test'
import { urls } from '../sandbox/settings.ts'
import { expectAccessible } from './accessible.ts'
import { auth0, database, type Preset, putPolicy, stytch } from './stand-ins.ts'
import { expect, haveLegacySession, me, signInAtAuth0, test } from './test.ts'

const ada = 'ada@example.com'
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const main = (page: Page) => page.getByRole('main')
const heading = (page: Page, name: string) =>
  expect(page.getByRole('heading', { name, exact: true })).toBeVisible()
const alert = (page: Page) => expect(main(page).getByRole('alert')).toBeVisible()

type State = {
  name: string
  policy?: Preset | object
  open(page: Page, context: BrowserContext): Promise<unknown>
}

async function stytchSession(context: BrowserContext, email = ada): Promise<void> {
  const tokens = await stytch.session(email)
  await context.addCookies([
    { name: 'stytch_session', value: tokens.session_token, url: urls.app },
    { name: 'stytch_session_jwt', value: tokens.session_jwt, url: urls.app },
  ])
}

async function askForCode(page: Page): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Email address').fill(ada)
  await button(page, 'Email me a code').click()
  await heading(page, 'Enter the code')
}

const code = async () => (await stytch.inbox()).at(-1)?.code ?? ''
const link = async () => (await stytch.inbox()).at(-1)?.link ?? ''

/** Long enough to break what is not made for it. */
const longWord = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(page.getByRole('list', { name: 'Notes' })).toContainText(text)
}

const rolling = {
  cohort: {
    percent: 10,
    organizations: ['acme'],
    countries: ['NZ'],
    ipRanges: ['203.0.113.0/24'],
    minAppVersion: '4.2.0',
  },
  carrySessions: true,
  note: '',
}

/** A page of the control room, as Ada sees it. */
async function control(page: Page, context: BrowserContext, path: string, says: string) {
  await haveLegacySession(context, ada)
  await page.goto(`/control${path}`)
  // A page that keeps itself current could be rendered again in the middle of a look.
  const pause = page.getByRole('button', { name: /^Pause/ })
  if (await pause.isVisible()) await pause.click()
  await expect(main(page)).toContainText(says)
}

/** Something of everything that the control room draws. */
async function happen(): Promise<void> {
  for (const [kind, result, lane] of [
    ['migration', 'failed', 'legacy'],
    ['migration', 'refused', 'legacy'],
    ['migration', 'migrated', 'stytch'],
    ['mirror', 'dead', 'stytch'],
    ['sign_in', 'signed_in', 'stytch'],
    ['sign_out', 'signed_out', 'anonymous'],
  ])
    await database.query(
      `insert into events (at, kind, subject, lane, result, reason, milliseconds, policy_version)
       values (now(), $1, 'auth0|6501a0000000000000000001', $2, $3, 'a_reason_that_is_long', 12, 1)`,
      [kind, lane, result],
    )
  for (const minutes of ['1 minute', '9 minutes'])
    for (const lane of ['stytch', 'legacy'])
      await database.query(
        `insert into lane_counts (resolution, at, lane, sessions)
         values ('minute', date_trunc('minute', now() - $1::interval), $2, 1200)
         on conflict (resolution, at, lane) do update set sessions = 1200`,
        [minutes, lane],
      )
  await database.query(
    `insert into mirror_samples (at, waiting, dead) values (date_trunc('minute', now()), 3, 1)
     on conflict do nothing`,
  )
}

const states: State[] = [
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
      await expect(main(page)).toContainText('Signing in did not work')
    },
  },
  {
    name: 'login, when sign-in has changed',
    policy: 'all-at-once',
    async open(page, context) {
      await haveLegacySession(context, ada)
      // Pages remember the policy apart from route handlers, so it may be a moment until they show it.
      await expect(async () => {
        await page.goto('/dashboard')
        await expect(main(page)).toContainText('Sign-in has changed', { timeout: 500 })
      }).toPass()
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
    name: 'login, when cookies contradict each other',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?reason=duplicate_cookie')
      await expect(main(page)).toContainText('contradict each other')
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
      await alert(page)
    },
  },
  { name: 'login, the code', policy: 'zero-downtime', open: askForCode },
  {
    name: 'login, a wrong code',
    policy: 'zero-downtime',
    async open(page) {
      await askForCode(page)
      await page
        .getByLabel('Six-digit code')
        .fill((await code()) === '123456' ? '654321' : '123456')
      await button(page, 'Sign in').click()
      await alert(page)
    },
  },
  {
    name: 'login, a new code was sent',
    policy: 'zero-downtime',
    async open(page) {
      await askForCode(page)
      await button(page, 'Send a new code').click()
      await expect(main(page)).toContainText('A new code is on its way')
    },
  },
  {
    name: 'login, a code of another browser',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login?step=code')
      await heading(page, 'Begin again')
    },
  },
  {
    name: 'login, the mail with the link is on its way',
    policy: 'zero-downtime',
    async open(page) {
      await page.goto('/login')
      await page.getByLabel('Email address').fill(`${'a'.repeat(50)}@${'b'.repeat(50)}.example`)
      await button(page, 'Email me a link').click()
      await heading(page, 'Check your mail')
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
      await alert(page)
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
      await alert(page)
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
      await heading(page, 'This link is not known')
    },
  },
  {
    name: 'authenticate, while the link is checked',
    policy: 'zero-downtime',
    async open(page) {
      // Without scripts nothing goes on by itself: the state stays.
      await page.route('**/_next/static/**/*.js', (route) => route.abort())
      await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
      await heading(page, 'Signing you in')
    },
  },
  {
    name: 'authenticate, someone else is signed in',
    policy: 'zero-downtime',
    async open(page, context) {
      await stytchSession(context)
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
      await heading(page, 'Check your mail')
      await page.goto(await link())
      await page.getByLabel('New password').fill('password1')
      await button(page, 'Set password and sign in').click()
      await alert(page)
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
      await stytchSession(context)
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
      await expect(main(page)).toContainText('Your session was carried over to Stytch.')
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
      await expect(main(page)).toContainText('out of reach')
    },
  },
  {
    name: 'dashboard, with the inspector open',
    policy: 'zero-downtime',
    async open(page, context) {
      await stytchSession(context)
      await page.goto('/dashboard')
      await page.locator('summary').click()
      await expect(page.getByRole('region', { name: 'Trace' })).toBeVisible()
    },
  },
  {
    name: 'control',
    open: (page, context) => control(page, context, '', 'Policy in force'),
  },
  {
    name: 'control, with figures, markers and events of every kind, and a table open',
    policy: rolling,
    async open(page, context) {
      await happen()
      await control(page, context, '', 'What is happening')
      await page.locator('figure summary').first().click()
      await expect(page.getByRole('region', { name: /^Figures: Sessions/ })).toBeVisible()
    },
  },
  {
    name: 'control, over a week, events of a kind of which there are none',
    open: (page, context) =>
      control(page, context, '?range=week&kind=sign_out', 'No events of this kind yet'),
  },
  {
    name: 'control, changed',
    async open(page, context) {
      const version = await putPolicy('before-the-migration')
      await control(page, context, `?changed=${version}`, 'is the policy in force')
    },
  },
  {
    name: 'control, the database is away',
    async open(page, context) {
      await control(page, context, '', 'Policy in force')
      await database.setUp(false)
      await page.reload()
      await expect(main(page)).toContainText('The database does not answer')
    },
  },
  {
    name: 'control, the dials, with rules that are off',
    policy: rolling,
    open: (page, context) => control(page, context, '/policy', 'no proxy is declared'),
  },
  {
    name: 'control, the dials, with problems',
    policy: rolling,
    async open(page, context) {
      await control(page, context, '/policy', 'Dial 1')
      await page.getByLabel('Percentage', { exact: true }).fill('250')
      await page.getByLabel(/^Organizations/).fill(longWord.repeat(2))
      await page.getByLabel(/^IP ranges/).fill('10.0.0.0/99')
      await button(page, 'Preview the change').click()
      await alert(page)
    },
  },
  {
    name: 'control, the preview of a rollback, with warnings',
    policy: rolling,
    open: (page, context) =>
      control(page, context, '/policy?start=before-the-migration', 'Roll back?'),
  },
  {
    name: 'control, a conflict',
    async open(page, context) {
      await control(page, context, '/policy?start=all-at-once', 'Put this policy in force?')
      await putPolicy({ cohort: 'everybody', carrySessions: true, note: longWord })
      // The legacy session must still be good when the operator confirms.
      await putPolicy('before-the-migration')
      await button(page, 'Put in force').click()
      await alert(page)
    },
  },
  {
    name: 'control, the history',
    policy: { ...rolling, note: longWord },
    open: (page, context) => control(page, context, '/history', 'In force'),
  },
  {
    name: 'control, the mirror is off',
    open: (page, context) => control(page, context, '/mirror', 'The mirror is off'),
  },
  {
    name: 'control, is it safe to switch legacy off?',
    open: (page, context) => control(page, context, '/switch-off?days=7', 'Not yet'),
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
      await expect(main(page)).toContainText('You have not been signed out')
    },
  },
]

for (const { name, policy, open } of states) {
  test(`axe finds nothing and nothing overflows: ${name}`, async ({ page, context }) => {
    if (policy) await putPolicy(policy)
    await open(page, context)
    await expectAccessible(page)
  })
}

test.describe('the stand-ins’ pages', () => {
  test('Stytch: the inbox, empty', async ({ page }) => {
    await page.goto(urls.stytch)
    await heading(page, 'Nothing here yet')
    await expectAccessible(page)
  })

  test('Stytch: the inbox with a code, a link and a reset', async ({ page }) => {
    await putPolicy('zero-downtime')
    await askForCode(page)
    await page.goto('/login')
    await page.getByLabel('Email address').fill(`${'a'.repeat(50)}@${'b'.repeat(50)}.example`)
    await button(page, 'Email me a link').click()
    await heading(page, 'Check your mail')
    await page.goto('/login?with=reset')
    await page.getByLabel('Email address').fill(ada)
    await button(page, 'Email me a reset link').click()
    await heading(page, 'Check your mail')
    await page.goto(urls.stytch)
    await expect(page.getByRole('listitem')).toHaveCount(3)
    await page.getByText('Show the link').first().click()
    await expectAccessible(page)
  })

  test('Auth0: the login, also with a problem', async ({ page }) => {
    await page.goto('/auth/login')
    await heading(page, 'Welcome')
    await page.getByText('Demo users').click()
    await expectAccessible(page)
    await page.getByLabel('Email address').fill(ada)
    await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
    await button(page, 'Continue').click()
    await expect(page.getByRole('alert')).toBeVisible()
    await expectAccessible(page)
  })

  test('Auth0: signing up, and a forgotten password', async ({ page }) => {
    await page.goto('/auth/login?screen_hint=signup')
    await heading(page, 'Sign up')
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Log in' }).click()
    await page.getByRole('link', { name: 'Forgot password?' }).click()
    await heading(page, 'Forgot your password?')
    await expectAccessible(page)
    await page.getByLabel('Email address').fill(ada)
    await button(page, 'Continue').click()
    await heading(page, 'Check your email')
    await expectAccessible(page)
    expect((await auth0.inbox()).at(-1)?.to).toBe(ada)
  })
})

test('the pre-built UI: what of it is ours holds, and it fits a phone', async ({ page }) => {
  await putPolicy('zero-downtime')
  await page.goto('/login?tab=prebuilt')
  await expect(button(page, 'Continue with email')).toBeVisible()
  await expectAccessible(page)
})

test.describe('by keyboard', () => {
  /** Where the focus is: it must be seen, whole, and not be covered by anything. */
  async function expectFocusVisible(page: Page): Promise<void> {
    const focus = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      return {
        what: element.outerHTML.slice(0, 120),
        isOutlined:
          (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
        isInView:
          width > 1 &&
          height > 1 &&
          left >= 0 &&
          right <= innerWidth &&
          // What is taller than the window can only be seen in part.
          (height > innerHeight * 0.5 || (top >= 0 && bottom <= innerHeight)),
        isUncovered: hit !== null && (element.contains(hit) || hit.contains(element)),
        hit: hit?.outerHTML.slice(0, 120),
      }
    })
    expect(focus, `the focus, on ${focus?.what}`).toMatchObject({
      isOutlined: true,
      isInView: true,
      isUncovered: true,
    })
  }

  /** Tab, as often as it takes. */
  async function tabTo(page: Page, target: Locator): Promise<void> {
    await expect(target).toBeVisible()
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab')
      // Past the end of the page the focus is with the browser for a moment.
      if (await page.evaluate(() => document.activeElement === document.body)) continue
      await expectFocusVisible(page)
      if (await target.evaluate((element) => element === document.activeElement)) return
    }
    throw new Error(`the focus never came to ${target}`)
  }

  for (const width of [1280, 360]) {
    test(`signing in, writing a note, looking into the inspector and signing out, at ${width} px`, async ({
      page,
      context,
    }) => {
      await page.setViewportSize({ width, height: 740 })
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await putPolicy('zero-downtime')
      await page.goto('/')
      await tabTo(page, page.getByRole('link', { name: 'Skip to content' }))
      await page.keyboard.press('Enter')
      await expect(main(page)).toBeFocused()

      await page.goto('/dashboard')
      await tabTo(page, page.getByLabel('Email address'))
      await page.keyboard.type(ada)
      await page.keyboard.press('Enter')
      await heading(page, 'Enter the code')
      await expect(page.getByLabel('Six-digit code')).toBeFocused()
      await page.keyboard.type(await code())
      await page.keyboard.press('Enter')
      await expect(page).toHaveURL('/dashboard')

      await tabTo(page, page.getByLabel('New note'))
      await page.keyboard.type('Written without a mouse')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('list', { name: 'Notes' })).toContainText(
        'Written without a mouse',
      )
      await expectFocusVisible(page)

      await tabTo(page, page.locator('summary'))
      await page.keyboard.press('Enter')
      const trace = page.getByRole('region', { name: 'Trace' })
      await expect(trace).toBeVisible()
      await tabTo(page, trace)

      // With the inspector open, nothing may get the focus behind it.
      await tabTo(page, page.getByRole('button', { name: /^Delete note/ }))
      await page.keyboard.press('Enter')
      await expect(main(page)).toContainText('No notes yet')

      await tabTo(page, button(page, 'Sign out'))
      await page.keyboard.press('Enter')
      await expect(page).toHaveURL('/')
      expect((await me(context)).status).toBe(401)
    })
  }

  test('a problem is said aloud, and its field names it', async ({ page }) => {
    await putPolicy('zero-downtime')
    await page.goto('/login?with=password')
    await page.getByLabel('Email address').fill(ada)
    await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
    await page.keyboard.press('Enter')
    const problem = main(page).getByRole('alert')
    await expect(problem).toContainText('wrong')
    await expect(page.getByLabel('Email address')).toHaveAccessibleDescription(/wrong/)
  })
})

test('whatever is going on is told to those who do not see it', async ({ page }) => {
  await signInAtAuth0(page, ada)
  await putPolicy('zero-downtime')
  await page.reload()
  await expect(
    page.getByRole('status').filter({ hasText: 'Your session was carried over to Stytch.' }),
  ).toBeVisible()
  await addNote(page, 'Heard')
  await expect(page.getByRole('status').filter({ hasText: 'Note added.' })).toHaveCount(1)
})
