import type { BrowserContext, Page } from '@playwright/test'
import { appEnvironment, demoPassword, stytchProject, urls } from '../sandbox/settings.ts'
import { count, database, type Fault, type Mail, putPolicy, stytch } from './stand-ins.ts'
import { test as base, expect, haveLegacySession, me, moveClock, signInAtAuth0 } from './test.ts'

/** As everywhere, and no page may ask anybody but this machine for anything. */
const test = base.extend<{ localRequestsOnly: undefined }>({
  localRequestsOnly: [
    async ({ context }, use) => {
      const elsewhere: string[] = []
      context.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url())
        if (/^(?:https?|wss?):$/.test(protocol) && hostname !== 'localhost')
          elsewhere.push(request.url())
      })
      await use(undefined)
      expect(elsewhere, 'requests that left this machine').toEqual([])
    },
    { auto: true },
  ],
})

const goodPassword = 'plover basalt orrery quince'
/** Where people want to go: with a query, so that a mere default is not taken for it. */
const wanted = '/dashboard?from=a%20link'
const loginAt = (parameters: Record<string, string> = {}) =>
  `/login?${new URLSearchParams({ returnTo: wanted, ...parameters })}`

/** Accounts outlive a test, so nobody is met twice. */
const someoneNew = () => `person-${crypto.randomUUID()}@example.com`

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
/** Next's announcer of pages is an alert too. */
const problem = (page: Page) => page.getByRole('main').getByRole('alert')

async function lastMail(to: string, kind: RegExp): Promise<Mail> {
  const mail = (await stytch.inbox()).findLast((each) => each.to === to && kind.test(each.kind))
  if (!mail) throw new Error(`no mail ${kind} to ${to}`)
  return mail
}
const codeFor = async (email: string) => (await lastMail(email, /^email_code$/)).code as string
const linkFor = async (email: string) =>
  (await lastMail(email, /^(?:login|signup)_link$/)).link as string
const resetLinkFor = async (email: string) =>
  (await lastMail(email, /^password_reset$/)).link as string

async function askForCode(page: Page, email: string, address = loginAt()): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a code').click()
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText(email)
}

/** React has taken the page over, and its effects had their turn: whatever the page loads of itself is asked for. */
async function scriptsRan(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector('main')
    return main !== null && Object.keys(main).some((key) => key.startsWith('__react'))
  })
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code)
  await button(page, 'Sign in').click()
}

async function askForLink(page: Page, email: string, address = loginAt()): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a link').click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText(email)
}

/** A link from a mail goes by itself where scripts run; without, there is a button. */
async function openLink(page: Page, link: string, { javaScriptEnabled = true } = {}) {
  await page.goto(link)
  if (!javaScriptEnabled) await button(page, 'Continue').click()
}

async function typePassword(
  page: Page,
  { email, password, as = 'password', returnTo = wanted }: PasswordForm,
): Promise<void> {
  await page.goto(loginAt({ with: as, returnTo }))
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, as === 'password' ? 'Sign in' : 'Create account').click()
}
type PasswordForm = {
  email: string
  password: string
  as?: 'password' | 'signup'
  returnTo?: string
}

async function askForReset(page: Page, email: string, address?: string): Promise<void> {
  await page.goto(address ?? loginAt({ with: 'password' }))
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a reset link').click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
}

async function typeNewPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password').fill(password)
  await button(page, 'Set password and sign in').click()
}

const stytchCookies = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) => name.startsWith('stytch_session'))
const legacyCookies = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) => name.startsWith('__session'))

/** Signed in at Stytch, where they wanted to go, in cookies that no script can read. */
async function expectSignedIn(page: Page, email: string, where = wanted): Promise<void> {
  await expect(page).toHaveURL(where)
  const { status, body } = await me(page.context())
  expect(status).toBe(200)
  expect(body.user.email).toBe(email)
  expect(body.session).toMatchObject({
    lane: 'stytch',
    issuer: `stytch.com/${stytchProject.projectId}`,
  })
  const cookies = await stytchCookies(page.context())
  expect(cookies.map(({ name }) => name).sort()).toEqual(['stytch_session', 'stytch_session_jwt'])
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' })
    expect(cookie.domain).toBe('localhost')
    // As long as the session, and not as short as the JWT in it.
    expect(cookie.expires).toBeGreaterThan(Date.now() / 1_000 + 24 * 3_600)
  }
}

async function expectNotSignedIn(context: BrowserContext): Promise<void> {
  expect((await me(context)).status).toBe(401)
  expect(await stytchCookies(context)).toEqual([])
}

const sessionsOf = async (email: string) =>
  (await stytch.users()).find((user) => user.email === email)?.sessions

for (const javaScriptEnabled of [true, false]) {
  test.describe(`Stytch flow ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })
    test.beforeEach(() => putPolicy('zero-downtime').then(() => undefined))

    test('a code by email signs in, and leads on to where the person wanted to go', async ({
      page,
      context,
    }) => {
      const email = someoneNew()
      await askForCode(page, email)
      await expectNotSignedIn(context)
      await enterCode(page, await codeFor(email))
      await expectSignedIn(page, email)
      expect(await sessionsOf(email)).toBe(1)
      const calls = (await stytch.requests()).map(({ method, path, status }) => [
        method,
        path,
        status,
      ])
      expect(calls.filter(([, path]) => String(path).includes('/otps/'))).toEqual([
        ['POST', '/v1/otps/email/login_or_create', 200],
        ['POST', '/v1/otps/authenticate', 200],
      ])
      // The browser itself never spoke to Stytch.
      expect(calls.filter(([, path]) => String(path).startsWith('/sdk/'))).toEqual([])
      // What waited for the mail is done.
      expect((await context.cookies()).map(({ name }) => name)).not.toContain('auth_pending')
    })

    test('a wrong code says so and can be tried again', async ({ page, context }) => {
      const email = someoneNew()
      await askForCode(page, email)
      const code = await codeFor(email)
      await enterCode(page, code === '123456' ? '654321' : '123456')
      await expect(problem(page)).toContainText('This code is wrong or has expired.')
      await expect(page.getByRole('main')).toContainText(email)
      await expectNotSignedIn(context)
      // With a space in the middle, as mails show it.
      await enterCode(page, `${code.slice(0, 3)} ${code.slice(3)}`)
      await expectSignedIn(page, email)
    })

    test('an expired code says so, and a new one works', async ({ page, context }) => {
      await askForCode(page, 'ada@example.com')
      const old = await codeFor('ada@example.com')
      await moveClock(context, 11 * 60)
      await enterCode(page, old)
      await expect(problem(page)).toContainText('has expired')
      await expectNotSignedIn(context)
      // The mail may arrive before the answer, and only the answer says to which mail the next code belongs.
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await button(page, 'Send a new code').click()
      await answered
      await expect.poll(() => codeFor('ada@example.com')).not.toBe(old)
      // The form is made anew: what is typed into the old one is lost.
      await expect(problem(page)).toHaveCount(0)
      await enterCode(page, await codeFor('ada@example.com'))
      await expectSignedIn(page, 'ada@example.com')
    })

    test('a code works for the ten minutes that the page promises', async ({ page, context }) => {
      await askForCode(page, 'ada@example.com')
      await expect(page.getByRole('main')).toContainText('ten minutes')
      await moveClock(context, 9 * 60)
      await enterCode(page, await codeFor('ada@example.com'))
      await expectSignedIn(page, 'ada@example.com')
    })

    test('a link by email, opened from the inbox in the same browser', async ({ page }) => {
      const email = someoneNew()
      await askForLink(page, email)
      await page.goto(urls.stytch)
      await page.getByRole('link', { name: `as ${email}` }).click()
      if (!javaScriptEnabled) await button(page, 'Continue').click()
      await expectSignedIn(page, email)
      expect(await sessionsOf(email)).toBe(1)
    })

    test('a link opens nothing in another browser, which says why; where it was asked for it still does', async ({
      page,
      browser,
    }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      const stranger = await browser.newContext({ baseURL: urls.app, javaScriptEnabled })
      const theirs = await stranger.newPage()
      await openLink(theirs, link, { javaScriptEnabled })
      await expect(
        theirs.getByRole('heading', { name: 'This link belongs to another browser' }),
      ).toBeVisible()
      await expect(problem(theirs)).toContainText('only in the browser that asked for it')
      await expect(theirs.getByRole('link', { name: 'Get a new link' })).toHaveAttribute(
        'href',
        /^\/login\?/,
      )
      await expectNotSignedIn(stranger)
      await stranger.close()
      expect(await sessionsOf('ada@example.com')).toBe(0)

      await openLink(page, link, { javaScriptEnabled })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('a link works once', async ({ page, context }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      await openLink(page, link, { javaScriptEnabled })
      await expectSignedIn(page, 'ada@example.com')
      await context.clearCookies()

      await openLink(page, link, { javaScriptEnabled })
      await expect(
        page.getByRole('heading', { name: 'This link was used already, or has expired' }),
      ).toBeVisible()
      await expectNotSignedIn(context)
      await page.getByRole('link', { name: 'Get a new link' }).click()
      await expect(button(page, 'Email me a link')).toBeVisible()
    })

    test('a link works for an hour, and then says that it has expired', async ({
      page,
      context,
    }) => {
      await askForLink(page, 'ada@example.com')
      await moveClock(context, 61 * 60)
      await openLink(page, await linkFor('ada@example.com'), { javaScriptEnabled })
      await expect(
        page.getByRole('heading', { name: 'This link was used already, or has expired' }),
      ).toBeVisible()
      await expectNotSignedIn(context)
      // Whoever needs a new one does not lose the way.
      await expect(page.getByRole('link', { name: 'Get a new link' })).toHaveAttribute(
        'href',
        `/login?${new URLSearchParams({ returnTo: wanted })}`,
      )
    })

    test('a password that was imported signs in', async ({ page }) => {
      await typePassword(page, { email: 'ada@example.com', password: demoPassword })
      await expectSignedIn(page, 'ada@example.com')
      expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
    })

    test('a wrong password keeps the address, not the password, and tells nobody who has an account', async ({
      page,
      context,
    }) => {
      const said: string[] = []
      for (const email of ['ada@example.com', someoneNew()]) {
        await typePassword(page, { email, password: 'not-hers-at-all' })
        await expect(problem(page)).toBeVisible()
        said.push((await problem(page).textContent()) ?? '')
        await expect(page.getByLabel('Email address')).toHaveValue(email)
        await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
        expect(await page.content()).not.toContain('not-hers-at-all')
        expect(page.url()).not.toContain('not-hers-at-all')
      }
      expect(said[0]).toContain('The email address or the password is wrong.')
      expect(said[1]).toBe(said[0])
      await expectNotSignedIn(context)
    })

    test('signing up with a password', async ({ page }) => {
      const email = someoneNew()
      await page.goto(loginAt())
      await page.getByRole('link', { name: 'Create an account with a password' }).click()
      await page.getByLabel('Email address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(goodPassword)
      await button(page, 'Create account').click()
      await expectSignedIn(page, email)
    })

    for (const [what, password, says] of [
      ['too easy to guess', 'password1', 'too easy to guess'],
      ['known from a leak', 'correct horse battery staple', 'found in a data leak'],
    ] as const) {
      test(`signing up with a password that is ${what} is refused`, async ({ page, context }) => {
        const email = someoneNew()
        await typePassword(page, { email, password, as: 'signup' })
        await expect(problem(page)).toContainText(says)
        await expect(page.getByLabel('Email address')).toHaveValue(email)
        await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
        await expectNotSignedIn(context)
        expect(await sessionsOf(email)).toBeUndefined()

        await page.getByLabel('Password', { exact: true }).fill(goodPassword)
        await button(page, 'Create account').click()
        await expectSignedIn(page, email)
      })
    }

    test('signing up with an address that has an account is refused', async ({ page, context }) => {
      await typePassword(page, {
        email: 'ada@example.com',
        password: goodPassword,
        as: 'signup',
      })
      await expect(problem(page)).toContainText('Sign in instead')
      await expect(page.getByLabel('Email address')).toHaveValue('ada@example.com')
      await expectNotSignedIn(context)
    })

    test('a forgotten password: mail, new password, signed in, and the old one is dead', async ({
      page,
      context,
    }) => {
      await askForReset(page, 'ada@example.com')
      await page.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(page, 'password1')
      await expect(problem(page)).toContainText('too easy to guess')
      expect(await page.content()).not.toContain('password1')
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')

      await context.clearCookies()
      await typePassword(page, { email: 'ada@example.com', password: demoPassword })
      await expect(problem(page)).toContainText('wrong')
      await typePassword(page, { email: 'ada@example.com', password: goodPassword })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('a reset link works once, and says so', async ({ page, context }) => {
      await askForReset(page, 'ada@example.com')
      const link = await resetLinkFor('ada@example.com')
      await page.goto(link)
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')
      await context.clearCookies()
      await page.goto(link)
      await typeNewPassword(page, 'another basalt orrery quince')
      await expect(problem(page)).toContainText('used already or has expired')
      await expect(page.getByRole('link', { name: 'Ask for a new reset link' })).toBeVisible()
      await expectNotSignedIn(context)
    })

    test('a reset link works for the hour that the page promises', async ({ page, context }) => {
      await askForReset(page, 'ada@example.com')
      await expect(page.getByRole('main')).toContainText('within an hour')
      await moveClock(context, 50 * 60)
      await page.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')
    })

    test('a reset link sets no password from another browser', async ({ page, browser }) => {
      await askForReset(page, 'ada@example.com')
      const stranger = await browser.newContext({ baseURL: urls.app, javaScriptEnabled })
      const theirs = await stranger.newPage()
      await theirs.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(theirs, goodPassword)
      await expect(problem(theirs)).toContainText('asked for in another browser')
      await expectNotSignedIn(stranger)
      await stranger.close()
      await typePassword(page, { email: 'ada@example.com', password: demoPassword })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('forgetting the password of an address without an account tells nobody so', async ({
      page,
    }) => {
      await askForReset(page, someoneNew())
      await expect(problem(page)).toHaveCount(0)
      expect(await stytch.inbox()).toEqual([])
    })

    test('with Stytch away the form says what to do and keeps the address', async ({ page }) => {
      const email = someoneNew()
      await page.goto(loginAt())
      await stytch.setFaults([{ path: '/v1/*', drop: true }])
      await page.getByLabel('Email address').fill(email)
      await button(page, 'Email me a link').click()
      await expect(problem(page)).toContainText('cannot be reached. Try again')
      await expect(page.getByLabel('Email address')).toHaveValue(email)
      await stytch.clearFaults()
      await button(page, 'Email me a link').click()
      await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
    })
  })
}

test.describe('links that are no good', () => {
  test.beforeEach(() => putPolicy('zero-downtime').then(() => undefined))

  for (const [name, query] of [
    ['nothing', ''],
    ['a type without a token', '?stytch_token_type=magic_links'],
    ['an empty token', '?stytch_token_type=magic_links&token='],
    ['two tokens', '?stytch_token_type=magic_links&token=a&token=b'],
    ['a token without a type', '?token=abc'],
    ['a type that nobody asked for', '?stytch_token_type=oauth&token=abc'],
  ] as const) {
    test(`${name} is told to be incomplete, and Stytch is not asked`, async ({ page, context }) => {
      const response = await page.goto(`/authenticate${query}`)
      expect(response?.status()).toBe(200)
      await expect(page.getByRole('heading', { name: 'This link is incomplete' })).toBeVisible()
      await expect(page.getByRole('link', { name: 'Get a new link' })).toBeVisible()
      await expectNotSignedIn(context)
      expect(await count(stytch, 'POST', /^\/v1\//)).toBe(0)
    })
  }

  test('an unknown token is told to be unknown', async ({ page, context }) => {
    await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
    await expect(page.getByRole('heading', { name: 'This link is not known' })).toBeVisible()
    await expectNotSignedIn(context)
  })

  test('the page tells no other site the token', async ({ page, context }) => {
    await page.goto('/authenticate?stytch_token_type=magic_links&token=a-token-of-a-mail')
    await expect(page.getByRole('heading', { name: 'This link is not known' })).toBeVisible()
    const asked = context.waitForEvent('request', (request) => request.url() === `${urls.stytch}/`)
    await page.getByRole('link', { name: 'Inbox' }).click()
    expect((await asked).isNavigationRequest()).toBe(true)
    expect(await page.evaluate(() => document.referrer)).toBe('')
    expect((await (await asked).allHeaders()).referer).toBeUndefined()
  })

  test('whoever is signed in is asked before a link signs them in as somebody else', async ({
    page,
    context,
  }) => {
    const other = someoneNew()
    await askForLink(page, other)
    const link = await linkFor(other)
    const tab = await context.newPage()
    await typePassword(tab, { email: 'ada@example.com', password: demoPassword })
    await expectSignedIn(tab, 'ada@example.com')

    await page.goto(link)
    await expect(page.getByRole('heading', { name: 'Sign in with this link?' })).toBeVisible()
    await expect(page.getByRole('main')).toContainText('You are signed in as ada@example.com')
    expect(await count(stytch, 'POST', '/v1/magic_links/authenticate')).toBe(0)
    await page.getByRole('link', { name: 'Stay signed in as you are' }).click()
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })
})

test.describe('a returnTo that leads elsewhere', () => {
  const evil = 'https://evil.example/'
  const shapes = [
    evil,
    '//evil.example/dashboard',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(document.domain)',
    '\u0001https://evil.example',
    '@evil.example',
    '/login?returnTo=https://evil.example/',
    '/auth/login',
  ]

  test.beforeEach(() => putPolicy('zero-downtime').then(() => undefined))

  for (const shape of shapes) {
    test(`${JSON.stringify(shape)} ends at the dashboard, also where the form was tampered with`, async ({
      page,
    }) => {
      await page.goto(loginAt({ with: 'password', returnTo: shape }))
      await expect(page.locator('input[name=returnTo]')).toHaveValue('/dashboard')
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await page.locator('input[name=returnTo]').evaluate((input, value) => {
        ;(input as HTMLInputElement).value = value
      }, shape)
      await button(page, 'Sign in').click()
      await expectSignedIn(page, 'ada@example.com', '/dashboard')
      // And for those who are signed in already.
      await page.goto(loginAt({ returnTo: shape }))
      await expect(page.getByRole('link', { name: 'Continue' })).toHaveAttribute(
        'href',
        '/dashboard',
      )
    })
  }

  async function tamper(page: Page): Promise<void> {
    await page.locator('input[name=returnTo]').evaluateAll((inputs, value) => {
      for (const input of inputs) (input as HTMLInputElement).value = value
    }, evil)
  }

  test('with a code', async ({ page }) => {
    await page.goto(loginAt({ returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a code').click()
    await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await tamper(page)
    await enterCode(page, await codeFor('ada@example.com'))
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('with a link', async ({ page }) => {
    await page.goto(loginAt({ returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a link').click()
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
    // What comes back in the address of the link counts for nothing.
    const link = new URL(await linkFor('ada@example.com'))
    const token = link.searchParams.get('token') as string
    await page.goto(
      `/authenticate?${new URLSearchParams({ stytch_token_type: 'magic_links', token, returnTo: evil })}`,
    )
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('with a password reset', async ({ page }) => {
    await page.goto(loginAt({ with: 'reset', returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a reset link').click()
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
    await page.goto(await resetLinkFor('ada@example.com'))
    await typeNewPassword(page, goodPassword)
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('at the legacy login', async ({ page, context }) => {
    await putPolicy('before-the-migration')
    for (const shape of [evil, '//evil.example', '/\\evil.example']) {
      await context.clearCookies()
      await page.goto(`/auth/login?${new URLSearchParams({ returnTo: shape })}`)
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await button(page, 'Continue').click()
      await expect(page).toHaveURL('/dashboard')
    }
  })
})

test.describe('Stytch’s pre-built UI', () => {
  test.beforeEach(() => putPolicy('zero-downtime').then(() => undefined))

  const tab = loginAt({ tab: 'prebuilt' })

  /** The SDK saw the session for a moment; afterwards no script can reach it, and nothing brings it back. */
  async function expectNothingLeftForScripts(page: Page): Promise<void> {
    expect(await page.evaluate(() => document.cookie)).not.toContain('stytch')
    const tokens = (await stytchCookies(page.context())).map(({ value }) => value)
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    )
    for (const token of tokens) expect(stored).not.toContain(token)

    await test.step('not even after signing out', async () => {
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page).toHaveURL('/')
      await stytch.forgetRequests()
      await page.goto(tab)
      await expect(page.getByRole('textbox', { name: /email/i }).first()).toBeVisible()
      await expect
        .poll(() => count(stytch, 'GET', /^\/sdk\/v1\/projects\/bootstrap\//))
        .toBeGreaterThan(0)
      await expectNotSignedIn(page.context())
      const authenticated = (await stytch.requests()).filter(
        ({ path, status }) => path.endsWith('/sessions/authenticate') && status === 200,
      )
      expect(authenticated).toEqual([])
    })
  }

  async function typeEmail(page: Page, email: string): Promise<void> {
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
  }

  test('a code by email', async ({ page }) => {
    await page.goto(tab)
    await page.getByRole('link', { name: 'Use a code instead of a link' }).click()
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login code').click()
    const code = page.getByLabel('One-time passcode')
    await code.waitFor()
    const right = await codeFor('ada@example.com')
    await code.fill(right === '123456' ? '654321' : '123456')
    await expect(page.getByRole('main')).toContainText('Invalid passcode')
    // As hands do it: the SDK's field lost the focus, and moves its caret by itself.
    await code.click()
    for (const _ of right) await page.keyboard.press('Backspace')
    await expect(code).toHaveValue('')
    await page.keyboard.type(right)
    await expectSignedIn(page, 'ada@example.com')
    expect(await count(stytch, 'POST', '/sdk/v1/otps/authenticate')).toBe(2)
    // The server asked Stytch itself before it believed what the browser brought.
    expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(1)
    await expectNothingLeftForScripts(page)
  })

  test('a link by email, with PKCE', async ({ page, browser }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login link').click()
    await expect(page.getByRole('main')).toContainText('Check your email')
    const link = await linkFor('ada@example.com')

    await test.step('opens nothing in another browser', async () => {
      const stranger = await browser.newContext({ baseURL: urls.app })
      const theirs = await stranger.newPage()
      await theirs.goto(link)
      await expect(
        theirs.getByRole('heading', { name: 'This link belongs to another browser' }),
      ).toBeVisible()
      await expectNotSignedIn(stranger)
      await stranger.close()
    })

    await page.goto(link)
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('a password', async ({ page, context }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('not-hers-at-all')
    await button(page, 'Continue').click()
    await expect.poll(() => count(stytch, 'POST', '/sdk/v1/passwords/authenticate')).toBe(1)
    await expectNotSignedIn(context)
    await password.fill(demoPassword)
    await button(page, 'Continue').click()
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('someone new signs up with a password', async ({ page }) => {
    const email = someoneNew()
    await page.goto(tab)
    await typeEmail(page, email)
    await page.getByLabel('Password', { exact: true }).fill(goodPassword)
    await button(page, 'Continue').click()
    await expectSignedIn(page, email)
    await expectNothingLeftForScripts(page)
  })

  test('a forgotten password', async ({ page }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Forgot your password?').click()
    await expect(page.getByRole('main')).toContainText('A link to reset your password was sent')
    await page.goto(await resetLinkFor('ada@example.com'))
    await typeNewPassword(page, goodPassword)
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('a remembered returnTo that leads elsewhere ends at the dashboard', async ({ page }) => {
    await page.goto(loginAt({ tab: 'prebuilt', returnTo: 'https://evil.example/' }))
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login link').click()
    await expect(page.getByRole('main')).toContainText('Check your email')
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage))
        if (key.includes('returnTo')) localStorage.setItem(key, 'https://evil.example/')
    })
    await page.goto(await linkFor('ada@example.com'))
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('a session that Stytch does not know is not taken over', async ({ page, context }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    // What the SDK got is dead before the server asks about it.
    await stytch.setFaults([
      {
        method: 'POST',
        path: '/v1/sessions/authenticate',
        status: 404,
        body: {
          status_code: 404,
          request_id: 'request-id-test-1',
          error_type: 'session_not_found',
          error_message: 'Session could not be found.',
          error_url: 'https://stytch.com/docs/api/errors/404#session_not_found',
        },
      },
    ])
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await button(page, 'Continue').click()
    await expect(problem(page)).toContainText('Sign in again')
    await stytch.clearFaults()
    expect((await stytchCookies(context)).filter(({ httpOnly }) => httpOnly)).toEqual([])
  })

  test('only whoever opens its tab loads the SDK', async ({ page, context }) => {
    const scripts = new Map<string, string>()
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'script')
        scripts.set(response.url(), await response.text().catch(() => ''))
    })
    await page.goto(tab)
    await expect(button(page, 'Continue with email')).toBeVisible()
    const ofTheSdk = () =>
      [...scripts].filter(([, text]) => text.includes('stytch_sdk_state_')).map(([url]) => url)
    await expect.poll(ofTheSdk).not.toEqual([])
    const chunks = ofTheSdk()

    // Another tab: the SDK has a last word to say when its own is left.
    const other = await context.newPage()
    const requested: string[] = []
    other.on('request', (request) => requested.push(request.url()))
    for (const address of [
      loginAt(),
      loginAt({ with: 'password' }),
      '/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one',
      '/',
    ]) {
      await other.goto(address)
      await scriptsRan(other)
    }
    expect(requested.length).toBeGreaterThan(4)
    expect(requested.filter((url) => chunks.includes(url))).toEqual([])
    expect(requested.filter((url) => url.startsWith(urls.stytch))).toEqual([])
  })

  test('without JavaScript its tab says where to go', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: urls.app, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(tab)
    // Playwright reads no text in a `noscript`, so it is asked for by hand.
    const hint = page.locator('noscript')
    await expect(hint).toBeVisible()
    expect(await hint.evaluate((element) => element.textContent)).toContain('needs JavaScript')
    await expect(page.getByRole('status')).toBeHidden()
    await page.getByRole('link', { name: 'Email', exact: true }).click()
    await expect(button(page, 'Email me a code')).toBeVisible()
    await context.close()
  })
})

test.describe('legacy flow', () => {
  test('the login page leads to Auth0 and shows nothing of Stytch', async ({ page }) => {
    await page.goto(wanted)
    await expect(page).toHaveURL(`/login?returnTo=${encodeURIComponent(wanted)}`)
    const login = `/auth/login?${new URLSearchParams({ returnTo: wanted })}`
    await expect(page.getByRole('link', { name: 'Continue to sign in' })).toHaveAttribute(
      'href',
      login,
    )
    await expect(page.getByRole('textbox')).toHaveCount(0)
    await expect(page.getByRole('link', { name: 'Pre-built UI' })).toHaveCount(0)
  })

  test('signing in at Auth0 leads on to where the person wanted to go', async ({
    page,
    context,
  }) => {
    await signInAtAuth0(page, 'ada@example.com', wanted)
    await expect(page).toHaveURL(wanted)
    const { body } = await me(context)
    expect(body.session).toMatchObject({ lane: 'legacy', issuer: `${urls.auth0}/` })
    expect(body.user.email).toBe('ada@example.com')
    for (const cookie of await legacyCookies(context))
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
    expect(await stytch.requests()).toEqual([])
  })

  test('a wrong password at Auth0 stays there, and the right one then leads on', async ({
    page,
    context,
  }) => {
    await page.goto(loginAt())
    await page.getByRole('link', { name: 'Continue to sign in' }).click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
    await button(page, 'Continue').click()
    await expect(page.getByRole('alert')).toContainText('Wrong email or password')
    expect(new URL(page.url()).origin).toBe(urls.auth0)
    await expect(page.getByLabel('Email address')).toHaveValue('ada@example.com')
    expect((await me(context)).status).toBe(401)
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await button(page, 'Continue').click()
    await expect(page).toHaveURL(wanted)
    expect((await me(context)).body.session.lane).toBe('legacy')
  })

  test('signing up at Auth0 returns to the app', async ({ page, context }) => {
    const email = someoneNew()
    await page.goto(loginAt())
    await page.getByRole('link', { name: 'Create an account' }).click()
    await expect(page.getByRole('heading', { name: 'Sign up' })).toBeVisible()
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(goodPassword)
    await button(page, 'Continue').click()
    await expect(page).toHaveURL(wanted)
    const { body } = await me(context)
    expect(body.user.email).toBe(email)
    expect(body.session.lane).toBe('legacy')
  })

  test('a login that was cancelled at Auth0 says so, and the way is not lost', async ({
    page,
    context,
  }) => {
    await page.goto(`/auth/login?${new URLSearchParams({ returnTo: wanted })}`)
    await expect(page.getByLabel('Email address')).toBeVisible()
    const transaction = (await context.cookies(urls.app)).find(({ name }) => /^__txn_/.test(name))
    const state = transaction?.name.slice('__txn_'.length) as string
    expect(state).toBeTruthy()
    await page.goto(`/auth/callback?${new URLSearchParams({ error: 'access_denied', state })}`)
    await expect(page.getByRole('main')).toContainText('Signing in did not work')
    expect((await me(context)).status).toBe(401)
    await expect(page.getByRole('link', { name: 'Continue to sign in' })).toHaveAttribute(
      'href',
      `/auth/login?${new URLSearchParams({ returnTo: wanted })}`,
    )
  })

  for (const query of ['error=access_denied&state=x', 'code=made-up&state=x', 'code=made-up', '']) {
    test(`a callback that nobody asked for ("${query}") shows the problem, and signs nobody in`, async ({
      page,
      context,
    }) => {
      const response = await page.goto(`/auth/callback?${query}`)
      expect(response?.status()).toBe(200)
      await expect(page).toHaveURL(/^[^?]*\/login\?/)
      await expect(page.getByRole('main')).toContainText('Signing in did not work')
      await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
      expect((await me(context)).status).toBe(401)
    })
  }

  test('a link may choose nothing of the request to Auth0', async ({ context }) => {
    const answer = await context.request.get(
      '/auth/login?audience=https://other/&connection=evil&organization=org_x&scope=all&redirect_uri=https://evil.example/&prompt=none',
      { maxRedirects: 0 },
    )
    const location = new URL(answer.headers().location as string)
    expect(location.origin).toBe(urls.auth0)
    expect(location.searchParams.get('audience')).toBe(appEnvironment.AUTH0_AUDIENCE)
    expect(location.searchParams.get('redirect_uri')).toBe(`${urls.app}/auth/callback`)
    expect(location.searchParams.get('code_challenge_method')).toBe('S256')
    expect([...location.searchParams.keys()]).not.toEqual(
      expect.arrayContaining(['connection', 'organization', 'prompt']),
    )
  })
})

test.describe('someone who is signed in already', () => {
  for (const lane of ['legacy', 'stytch'] as const) {
    test(`is offered to continue, on the ${lane} lane`, async ({ page, context }) => {
      if (lane === 'legacy') await haveLegacySession(context, 'ada@example.com')
      else {
        await putPolicy('zero-downtime')
        await typePassword(page, { email: 'ada@example.com', password: demoPassword })
        await expectSignedIn(page, 'ada@example.com')
      }
      const response = await page.goto(loginAt())
      expect(response?.status()).toBe(200)
      await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
      await expect(page.getByRole('main')).toContainText('As ada@example.com')
      await expect(page.getByRole('textbox')).toHaveCount(0)
      await page.getByRole('link', { name: 'Continue', exact: true }).click()
      await expect(page).toHaveURL(wanted)
      expect((await me(context)).body.session.lane).toBe(lane)
    })
  }
})

test.describe('one person on both lanes', () => {
  for (const way of ['password', 'code'] as const) {
    test(`Ada, imported, signs in at Stytch by ${way} and is the same as on the legacy lane`, async ({
      page,
      context,
      browser,
    }) => {
      const legacy = await browser.newContext({ baseURL: urls.app })
      await haveLegacySession(legacy, 'ada@example.com')
      const before = (await me(legacy)).body
      expect(before.session.lane).toBe('legacy')
      await legacy.close()

      await putPolicy('zero-downtime')
      if (way === 'password')
        await typePassword(page, { email: 'ada@example.com', password: demoPassword })
      else {
        await askForCode(page, 'ada@example.com')
        await enterCode(page, await codeFor('ada@example.com'))
      }
      await expectSignedIn(page, 'ada@example.com')
      expect((await me(context)).body.user).toEqual(before.user)
      expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    })
  }

  test('Grace, whom Stytch does not know yet, proves her address by a code and is the same', async ({
    page,
    context,
    browser,
  }) => {
    // Users of earlier tests, whom Stytch has forgotten: two subjects of one issuer are two people.
    await database.query(
      "delete from identities where issuer like 'stytch.com/%' and email = 'grace@example.com'",
    )
    const legacy = await browser.newContext({ baseURL: urls.app })
    await haveLegacySession(legacy, 'grace@example.com')
    const before = (await me(legacy)).body.user
    await legacy.close()
    await putPolicy('zero-downtime')
    await askForCode(page, 'grace@example.com')
    await enterCode(page, await codeFor('grace@example.com'))
    await expectSignedIn(page, 'grace@example.com')
    expect((await me(context)).body.user).toEqual(before)
  })

  test('whoever signs up at Stytch with somebody else’s address gets nothing of theirs', async ({
    page,
    context,
    browser,
  }) => {
    const legacy = await browser.newContext({ baseURL: urls.app })
    await haveLegacySession(legacy, 'grace@example.com')
    const grace = (await me(legacy)).body.user
    await legacy.close()
    await putPolicy('zero-downtime')
    await typePassword(page, { email: 'grace@example.com', password: goodPassword, as: 'signup' })
    await expect(page).toHaveURL(wanted)
    const stranger = (await me(context)).body.user
    expect(stranger.id).toBeTruthy()
    expect(stranger.id).not.toBe(grace.id)
  })

  /** Pages remember the policy apart from route handlers, so it may be a moment until they show it. */
  async function openLoginDespiteLegacy(page: Page): Promise<void> {
    await expect(async () => {
      await page.goto(wanted)
      await expect(page.getByRole('main')).toContainText('Sign-in has changed', { timeout: 500 })
    }).toPass()
  }

  // Under this policy a legacy session is not accepted, so that the login is shown although one is there.
  test('B signs in at Stytch where A’s legacy session is: A’s cookies go', async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('all-at-once')
    await openLoginDespiteLegacy(page)
    const email = someoneNew()
    await askForCode(page, email, page.url())
    expect(await legacyCookies(context)).not.toEqual([])
    await enterCode(page, await codeFor(email))
    await expectSignedIn(page, email)
    expect(await legacyCookies(context)).toEqual([])

    // So that signing out does not bring A to light, whatever the policy.
    await putPolicy('zero-downtime')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page).toHaveURL('/')
    expect((await me(context)).status).toBe(401)
  })

  test('A signs in at Stytch where A’s own legacy session is: its cookies stay, dormant', async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    const before = await legacyCookies(context)
    await putPolicy('all-at-once')
    await openLoginDespiteLegacy(page)
    await typePassword(page, { email: 'ada@example.com', password: demoPassword })
    await expectSignedIn(page, 'ada@example.com')
    expect(await legacyCookies(context)).toEqual(before)
  })

  test('B signs in in a tab that was open before A came: A’s cookies go', async ({
    page,
    context,
  }) => {
    await putPolicy('zero-downtime')
    const email = someoneNew()
    await askForCode(page, email)
    await haveLegacySession(context, 'ada@example.com')
    expect((await me(context)).body.user.email).toBe('ada@example.com')
    await enterCode(page, await codeFor(email))
    await expectSignedIn(page, email)
    expect(await legacyCookies(context)).toEqual([])
  })
})

test.describe('Stytch in trouble', () => {
  test.beforeEach(() => putPolicy('zero-downtime').then(() => undefined))

  const troubles: [name: string, fault: Omit<Fault, 'path'>, says: RegExp][] = [
    ['down', { drop: true }, /cannot be reached\. Try again in a moment/],
    [
      'limiting',
      {
        status: 429,
        body: {
          status_code: 429,
          request_id: 'request-id-test-1',
          error_type: 'too_many_requests',
          error_message: 'Too many requests have been made.',
          error_url: 'https://stytch.com/docs/api/errors/429#too_many_requests',
        },
      },
      /Wait a few seconds and try again/,
    ],
    ['broken', { status: 500, body: '<h1>Bad gateway</h1>' }, /Try again in a moment/],
    // The last one: what it says would be taken for the answer to the next.
    ['slow', { delayMs: 600_000 }, /took too long to answer\. Try again in a moment/],
  ]
  const secret = 'plover basalt orrery quince'

  /** Each form: how to fill it, the button, and what a working answer looks like. */
  type Form = {
    name: string
    path: string
    submit: string
    password?: string
    open(page: Page, email: string): Promise<void>
    keepsEmail: boolean
    works(page: Page, email: string): Promise<void>
  }
  const mailed = (heading: string) => async (page: Page) =>
    expect(page.getByRole('heading', { name: heading })).toBeVisible()
  const emailForm = async (page: Page, email: string, parameters = {}) => {
    await page.goto(loginAt(parameters))
    await page.getByLabel('Email address').fill(email)
  }
  const forms: Form[] = [
    {
      name: 'a code is asked for',
      path: '/v1/otps/email/login_or_create',
      submit: 'Email me a code',
      open: emailForm,
      keepsEmail: true,
      works: mailed('Enter the code'),
    },
    {
      name: 'a link is asked for',
      path: '/v1/magic_links/email/login_or_create',
      submit: 'Email me a link',
      open: emailForm,
      keepsEmail: true,
      works: mailed('Check your mail'),
    },
    {
      name: 'a reset link is asked for',
      path: '/v1/passwords/email/reset/start',
      submit: 'Email me a reset link',
      open: (page, email) => emailForm(page, email, { with: 'reset' }),
      keepsEmail: true,
      works: mailed('Check your mail'),
    },
    {
      name: 'a password is typed',
      path: '/v1/passwords/authenticate',
      submit: 'Sign in',
      password: demoPassword,
      async open(page, email) {
        await emailForm(page, email, { with: 'password' })
      },
      keepsEmail: true,
      works: expectSignedIn,
    },
    {
      name: 'a code is entered',
      path: '/v1/otps/authenticate',
      submit: 'Sign in',
      async open(page, email) {
        await askForCode(page, email)
        await page.getByLabel('Six-digit code').fill(await codeFor(email))
      },
      keepsEmail: false,
      async works(page, email) {
        await expectSignedIn(page, email)
      },
    },
    {
      name: 'a new password is set',
      path: '/v1/passwords/email/reset',
      submit: 'Set password and sign in',
      password: secret,
      async open(page, email) {
        await askForReset(page, email)
        await page.goto(await resetLinkFor(email))
      },
      keepsEmail: false,
      works: expectSignedIn,
    },
  ]

  for (const { name, path, submit, password, open, keepsEmail, works } of forms) {
    test(`while ${name}: says what to do, keeps the address, and never the password`, async ({
      page,
      context,
    }) => {
      const email = 'ada@example.com'
      await open(page, email)
      const answers: Promise<string>[] = []
      page.on('response', (response) => {
        if (response.request().method() === 'POST' && response.url().startsWith(urls.app))
          answers.push(response.text().catch(() => ''))
      })
      for (const [trouble, fault, says] of troubles) {
        await test.step(trouble, async () => {
          await stytch.setFaults([{ ...fault, method: 'POST', path }])
          if (password) await page.getByLabel(/^(?:New p|P)assword$/).fill(password)
          if (submit === 'Sign in' && !password)
            await page.getByLabel('Six-digit code').fill(await codeFor(email))
          const answered = page.waitForResponse(
            (response) => response.request().method() === 'POST',
          )
          await button(page, submit).click()
          expect((await answered).status()).toBe(200)
          await expect(problem(page)).toContainText(says)
          if (keepsEmail) await expect(page.getByLabel('Email address')).toHaveValue(email)
          if (password) {
            await expect(page.getByLabel(/^(?:New p|P)assword$/)).toHaveValue('')
            expect(await page.content()).not.toContain(password)
            for (const answer of await Promise.all(answers)) expect(answer).not.toContain(password)
          }
          await expectNotSignedIn(context)
        })
      }
      await stytch.clearFaults()
      if (password) await page.getByLabel(/^(?:New p|P)assword$/).fill(password)
      if (submit === 'Sign in' && !password)
        await page.getByLabel('Six-digit code').fill(await codeFor(email))
      await button(page, submit).click()
      await works(page, email)
    })
  }

  test('while someone signs up: the address is kept, the password is not', async ({ page }) => {
    const email = someoneNew()
    await page.goto(loginAt({ with: 'signup' }))
    await page.getByLabel('Email address').fill(email)
    for (const [, fault, says] of troubles) {
      await stytch.setFaults([{ ...fault, method: 'POST', path: '/v1/passwords' }])
      await page.getByLabel('Password', { exact: true }).fill(secret)
      await button(page, 'Create account').click()
      await expect(problem(page)).toContainText(says)
      await expect(page.getByLabel('Email address')).toHaveValue(email)
      await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
      expect(await page.content()).not.toContain(secret)
    }
    await stytch.clearFaults()
    await page.getByLabel('Password', { exact: true }).fill(secret)
    await button(page, 'Create account').click()
    await expectSignedIn(page, email)
  })

  for (const [trouble, fault, says] of troubles) {
    test(`while a link is opened (${trouble}): the link is not used up`, async ({
      page,
      context,
    }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      await stytch.setFaults([{ ...fault, method: 'POST', path: '/v1/magic_links/authenticate' }])
      await page.goto(link)
      await expect(
        page.getByRole('heading', { name: 'The link did not sign you in' }),
      ).toBeVisible()
      await expect(problem(page)).toContainText(says)
      await expectNotSignedIn(context)
      await stytch.clearFaults()
      await page.goto(link)
      await expectSignedIn(page, 'ada@example.com')
    })
  }
})
