import type { Browser, BrowserContext, Page } from '@playwright/test'
import { demoPassword, stytchProject, urls } from '../sandbox/settings.ts'
import { auth0, count, putPolicy, stytch } from './stand-ins.ts'
import {
  ask,
  expect,
  haveLegacySession,
  legacyCookies,
  me,
  moveClock,
  signInAtAuth0,
  stytchCookies,
  test,
} from './test.ts'

/** Legacy sessions count no longer: everybody signs in once more, and nobody loses anything by it. */

/** Where people are, with a query, so that a mere default is not taken for it. */
const here = '/dashboard?from=a%20link'
const notAccepted = 'legacy_session_not_accepted'
const loginFrom = (where: string) =>
  `/login?${new URLSearchParams({ returnTo: where, reason: notAccepted })}`

const newAddress = () => `${crypto.randomUUID()}@example.com`
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const notes = (page: Page) => page.getByRole('list', { name: 'Notes' })
const explained = (page: Page) => page.getByText('Sign-in has changed')

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)
}

const legacyCookiesOf = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) => name.startsWith('__session'))

async function mailed(email: string, what: 'code' | 'link'): Promise<string> {
  const mail = (await stytch.inbox()).findLast((each) => each.to === email && each[what])
  return mail?.[what] ?? ''
}

/** The ways to sign in at Stytch, each from its login page to the end. */
const ways = {
  async 'the password that was imported'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Use a password' }).click()
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await button(page, 'Sign in').click()
  },
  async 'a code by email'(page: Page, email: string) {
    await page.getByLabel('Email address').fill(email)
    await button(page, 'Email me a code').click()
    await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await page.getByLabel('Six-digit code').fill(await mailed(email, 'code'))
    await button(page, 'Sign in').click()
  },
  async 'a link by email'(page: Page, email: string) {
    await page.getByLabel('Email address').fill(email)
    await button(page, 'Email me a link').click()
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
    await page.goto(await mailed(email, 'link'))
  },
  async 'a code in the pre-built UI'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Pre-built UI' }).click()
    await page.getByRole('link', { name: 'Use a code instead of a link' }).click()
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
    await button(page, 'Email me a login code').click()
    await page.getByLabel('One-time passcode').waitFor()
    await page.getByLabel('One-time passcode').fill(await mailed(email, 'code'))
  },
  async 'a link in the pre-built UI'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Pre-built UI' }).click()
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
    await button(page, 'Email me a login link').click()
    await expect(page.getByRole('main')).toContainText('Check your email')
    await page.goto(await mailed(email, 'link'))
  },
}
type Way = keyof typeof ways

const ada = async () => 'ada@example.com'
/** Verified at the legacy provider, and unknown to Stytch. */
const likeGrace = () => auth0.addUser(newAddress())
/** Address not verified at the legacy provider, and unknown to Stytch. */
const likeAlan = () => auth0.addUser(newAddress(), { emailVerified: false })

test.describe('a person with a live legacy session', () => {
  for (const [who, whose, by] of [
    ['Ada, who was imported', ada, 'the password that was imported'],
    ['Ada, who was imported', ada, 'a code by email'],
    ['Ada, who was imported', ada, 'a link by email'],
    ['Ada, who was imported', ada, 'a code in the pre-built UI'],
    ['somebody like Grace, who was not imported', likeGrace, 'a code by email'],
    ['somebody like Grace, who was not imported', likeGrace, 'a link by email'],
    ['somebody like Grace, who was not imported', likeGrace, 'a link in the pre-built UI'],
  ] as [string, () => Promise<string>, Way][]) {
    test(`${who}, signs in with ${by} and keeps account and notes`, async ({ page, context }) => {
      const email = await whose()
      await signInAtAuth0(page, email, here)
      await addNote(page, 'Written before the switch')
      const before = (await me(context)).body
      expect(before.session.lane).toBe('legacy')
      const dormant = await legacyCookiesOf(context)

      await putPolicy('all-at-once')
      await stytch.forgetRequests()
      await page.reload()
      await expect(page).toHaveURL(loginFrom(here))
      await expect(explained(page)).toBeVisible()
      // Only led there: nothing was asked of Stytch for it, and the legacy session is as it was.
      expect((await stytch.requests()).filter(({ path }) => path.startsWith('/v1/'))).toEqual([])
      expect(await legacyCookiesOf(context)).toEqual(dormant)

      await ways[by](page, email)
      await expect(page).toHaveURL(here)
      await expect(notes(page)).toContainText('Written before the switch')
      const after = (await me(context)).body
      expect(after.session).toMatchObject({
        lane: 'stytch',
        issuer: `stytch.com/${stytchProject.projectId}`,
      })
      expect(after.user).toEqual(before.user)
      expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
      // Dormant, not gone: the way back.
      expect(await legacyCookiesOf(context)).toEqual(dormant)
    })
  }

  test('is asked once: the next page and the next tab are simply there', async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('all-at-once')
    await page.goto(here)
    await ways['the password that was imported'](page, 'ada@example.com')
    await expect(page).toHaveURL(here)
    const tab = await context.newPage()
    for (const each of [page, tab]) {
      const response = await each.goto('/dashboard')
      expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    }
    expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
  })

  test('finds the explanation and the way back without JavaScript too', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: urls.app, javaScriptEnabled: false })
    const page = await context.newPage()
    await haveLegacySession(context, 'ada@example.com')
    await page.goto(here)
    await putPolicy('all-at-once')
    // What is posted leads there as well, and back to the page that it was posted from.
    await page.getByLabel('New note').fill('Too late')
    await button(page, 'Add note').click()
    await expect(page).toHaveURL(loginFrom(here))
    await expect(explained(page)).toBeVisible()
    await ways['the password that was imported'](page, 'ada@example.com')
    await expect(page).toHaveURL(here)
    await expect(page.getByRole('main')).toContainText('No notes yet')
    await context.close()
  })

  test('on another device, where nothing tells who they are, gets the same account by a proved address', async ({
    page,
    context,
    browser,
  }) => {
    const email = await likeGrace()
    await signInAtAuth0(page, email)
    await addNote(page, 'Seen from another device')
    const { user } = (await me(context)).body
    await putPolicy('all-at-once')
    const device = await newDevice(browser)
    await device.goto(here)
    // Nobody was signed in there: there is nothing to explain.
    await expect(device).toHaveURL(`/login?${new URLSearchParams({ returnTo: here })}`)
    await expect(explained(device)).toHaveCount(0)
    await ways['a code by email'](device, email)
    await expect(device).toHaveURL(here)
    await expect(notes(device)).toContainText('Seen from another device')
    expect((await me(device.context())).body.user).toEqual(user)
    await device.context().close()
  })
})

const newDevice = async (browser: Browser) =>
  (await browser.newContext({ baseURL: urls.app })).newPage()

test.describe('whose account an unverified address opens', () => {
  const password = 'plover basalt orrery quince'
  /** Signed in at the legacy provider with an address that nobody verified, and with a note of their own. */
  async function likeAlanSignedIn(page: Page) {
    const email = await likeAlan()
    await signInAtAuth0(page, email)
    await addNote(page, 'Not for strangers')
    const { user } = (await me(page.context())).body
    await putPolicy('all-at-once')
    return { email, user }
  }

  test('refuses it to a session that lies in the same browser: somebody may have planted it', async ({
    page,
    context,
    browser,
  }) => {
    const { email, user } = await likeAlanSignedIn(page)
    await page.goto('/login')
    await ways['a code by email'](page, email)
    await page.waitForURL('/dashboard')
    await expect(page.getByRole('main')).toContainText('No notes yet')
    expect((await me(context)).body.user.id).not.toBe(user.id)
    expect(await legacyCookiesOf(context)).toEqual([])

    await test.step('and nothing is lost: it waits at the legacy provider', async () => {
      await putPolicy('before-the-migration')
      const device = await newDevice(browser)
      await signInAtAuth0(device, email)
      await expect(notes(device)).toContainText('Not for strangers')
      expect((await me(device.context())).body.user).toEqual(user)
      await device.context().close()
    })
  })

  test('refuses it to whoever has the mailbox and not the session (another device)', async ({
    page,
    browser,
  }) => {
    const { email, user } = await likeAlanSignedIn(page)
    const device = await newDevice(browser)
    await device.goto('/login')
    await ways['a code by email'](device, email)
    await device.waitForURL('/dashboard')
    await expect(device.getByRole('main')).toContainText('No notes yet')
    expect((await me(device.context())).body.user.id).not.toBe(user.id)
    await device.context().close()
  })

  test('refuses it to a password that was chosen at Stytch: it proves no address (pre-hijacking)', async ({
    page,
    context,
  }) => {
    const { email, user } = await likeAlanSignedIn(page)
    await page.goto('/login?with=signup')
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await button(page, 'Create account').click()
    await page.waitForURL('/dashboard')
    expect((await me(context)).body.user.id).not.toBe(user.id)
  })

  test('refuses it to another address, though proved in the same browser', async ({
    page,
    context,
  }) => {
    const { user } = await likeAlanSignedIn(page)
    await page.goto('/login')
    await ways['a code by email'](page, newAddress())
    await page.waitForURL('/dashboard')
    expect((await me(context)).body.user.id).not.toBe(user.id)
    // And somebody else's session is not left behind under theirs.
    expect(await legacyCookiesOf(context)).toEqual([])
  })

  test('refuses it to a copy of a session that was signed out', async ({ page, browser }) => {
    const { email, user } = await likeAlanSignedIn(page)
    const copy = await legacyCookiesOf(page.context())
    await putPolicy('before-the-migration')
    await page.goto('/dashboard')
    await button(page, 'Sign out').click()
    await page.waitForURL('/')
    await putPolicy('all-at-once')
    const device = await newDevice(browser)
    await device.context().addCookies(copy)
    await device.goto('/login')
    await ways['a code by email'](device, email)
    await device.waitForURL('/dashboard')
    expect((await me(device.context())).body.user.id).not.toBe(user.id)
    await device.context().close()
  })
})

test.describe('an API client', () => {
  test('is told in a way that it can act on, by cookie and by token', async () => {
    const cookies = await legacyCookies('ada@example.com')
    const bearer = await auth0.token('ada@example.com')
    await putPolicy('all-at-once')
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    for (const credentials of [{ cookies }, { bearer }]) {
      const answer = await ask('/api/me', credentials)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toContain('application/json')
      expect(answer.headers.get('cache-control')).toContain('no-store')
      // RFC 6750 section 3: with the reason, so that a client throws the token away and signs in.
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer realm="cutover", error="invalid_token", error_description="${notAccepted}"`,
      )
      expect(answer.json()).toEqual({
        error: { code: notAccepted, message: expect.stringMatching(/sign in again/i) },
        flow: { name: 'stytch', reason: 'everybody' },
        policyVersion: expect.any(Number),
      })
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    // A client without anything is told something else.
    const nobody = await ask('/api/me')
    expect(nobody.json().error.code).toBe('no_session')
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
    expect(await providerCalls()).toEqual([])
  })

  test('cannot get around it by having its token carried over', async () => {
    const bearer = await auth0.token('ada@example.com')
    await putPolicy('all-at-once')
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(401)
    expect(door.json().error.code).toBe(notAccepted)
    expect(door.headers.get('www-authenticate')).toContain(`error_description="${notAccepted}"`)
    expect(await providerCalls()).toEqual([])
    expect((await stytch.users()).find(({ email }) => email === 'ada@example.com')?.sessions).toBe(
      0,
    )
  })

  test('keeps the Stytch session that its token became before', async () => {
    const bearer = await auth0.token('ada@example.com')
    await putPolicy('zero-downtime')
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(200)
    await putPolicy('all-at-once')
    const answer = await ask('/api/me', { bearer: door.json().session_jwt })
    expect(answer.status).toBe(200)
    expect(answer.json().session.lane).toBe('stytch')
    expect((await ask('/api/me', { bearer })).status).toBe(401)
  })
})

/** What either provider was asked, but for its keys. */
async function providerCalls() {
  const calls = [...(await stytch.requests()), ...(await auth0.requests())]
  return calls.filter(({ path }) => !/jwks|\.well-known/.test(path))
}

test.describe('what must not be disturbed', () => {
  test('a person with both sessions', async ({ page, context }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('zero-downtime')
    await page.goto('/dashboard')
    await expect(page.getByText('Your session was carried over to Stytch.')).toBeVisible()
    const before = (await me(context)).body
    const cookies = (await context.cookies()).filter(({ name }) => name !== 'auth_flow')

    await putPolicy('all-at-once')
    const response = await page.reload()
    expect(response?.status()).toBe(200)
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    await expect(page).toHaveURL('/dashboard')
    expect((await me(context)).body.user).toEqual(before.user)
    expect((await context.cookies()).filter(({ name }) => name !== 'auth_flow')).toEqual(cookies)

    await test.step('when the JWT has expired, neither', async () => {
      await moveClock(context, 20 * 60)
      const later = await page.reload()
      expect(later?.status()).toBe(200)
      expect(later?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
      expect((await me(context)).body.user).toEqual(before.user)
    })
  })

  test('a prefetch: no redirect that the router would follow, no cookie, no call', async () => {
    const cookies = await legacyCookies('ada@example.com')
    await putPolicy('all-at-once')
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    for (const headers of [
      { 'next-router-prefetch': '1', rsc: '1' },
      { 'sec-purpose': 'prefetch;prerender' },
    ] as Record<string, string>[]) {
      const answer = await ask(here, { cookies, headers })
      expect(answer.status).toBe(204)
      expect(answer.headers.get('location')).toBeNull()
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(await providerCalls()).toEqual([])
  })

  test('what somebody was writing in a tab that was open during the switch', async ({
    page,
    context,
  }) => {
    const text = 'A long thought, with “quotes” and a line of 漢字'
    await haveLegacySession(context, 'ada@example.com')
    await page.goto(here)
    await putPolicy('all-at-once')
    await page.getByLabel('New note').fill(text)
    await button(page, 'Add note').click()
    await expect(page).toHaveURL(loginFrom(here))
    await expect(explained(page)).toBeVisible()

    await ways['a code by email'](page, 'ada@example.com')
    await expect(page).toHaveURL(here)
    await expect(page.getByLabel('New note')).toHaveValue(text)
    await expect(page.getByRole('status').filter({ hasText: 'was not saved' })).toBeVisible()
    await button(page, 'Add note').click()
    await expect(notes(page)).toContainText(text)
    await expect(page.getByLabel('New note')).toHaveValue('')
    await expect(page.getByText('was not saved')).toHaveCount(0)
    // Saved is saved: it does not come back.
    await page.reload()
    await expect(notes(page).getByRole('listitem')).toHaveCount(1)
    await expect(page.getByLabel('New note')).toHaveValue('')
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  })

  test('refuses to show it to somebody else who signs in in that tab', async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await putPolicy('all-at-once')
    await page.getByLabel('New note').fill('For my eyes only')
    await button(page, 'Add note').click()
    await expect(explained(page)).toBeVisible()
    await ways['a code by email'](page, newAddress())
    await page.waitForURL('/dashboard')
    await expect(page.getByRole('main')).toContainText('No notes yet')
    await expect(page.getByLabel('New note')).toHaveValue('')
  })

  test('a note that somebody meant to delete in such a tab', async ({ page, context }) => {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto(here)
    await addNote(page, 'Still here')
    await putPolicy('all-at-once')
    await button(page, 'Delete note: Still here').click()
    await expect(page).toHaveURL(loginFrom(here))
    await ways['the password that was imported'](page, 'ada@example.com')
    await expect(notes(page)).toContainText('Still here')
  })

  test('somebody in the middle of the legacy login is led on, with the explanation', async ({
    page,
    context,
  }) => {
    await page.goto(here)
    await page.getByRole('link', { name: 'Continue to sign in' }).click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await putPolicy('all-at-once')
    await button(page, 'Continue').click()
    await expect(page).toHaveURL(loginFrom(here))
    await expect(explained(page)).toBeVisible()
    await ways['the password that was imported'](page, 'ada@example.com')
    await expect(page).toHaveURL(here)
    expect((await me(context)).body.session.lane).toBe('stytch')
  })
})

test.describe('the way back', () => {
  test('the dormant legacy session works again, for whoever never came by and for whoever was led to the login', async ({
    page,
    context,
    browser,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto(here)
    await addNote(page, 'Written before the switch')
    const before = (await me(context)).body
    const away = await newDevice(browser)
    await haveLegacySession(away.context(), 'grace@example.com')
    const cookies = await legacyCookiesOf(context)

    await putPolicy('all-at-once')
    await page.reload()
    await expect(explained(page)).toBeVisible()
    await putPolicy('before-the-migration')
    for (const [each, email] of [
      [page, 'ada@example.com'],
      [away, 'grace@example.com'],
    ] as const) {
      const response = await each.goto(here)
      expect(response?.status()).toBe(200)
      expect(response?.headers()).toMatchObject({
        'x-auth-lane': 'legacy',
        'x-auth-reason': 'legacy_session',
      })
      await expect(each).toHaveURL(here)
      await expect(each.getByText(email).first()).toBeVisible()
    }
    expect((await me(context)).body).toMatchObject({ user: before.user, session: before.session })
    await expect(notes(page)).toContainText('Written before the switch')
    expect(await legacyCookiesOf(context)).toEqual(cookies)
    await away.context().close()
  })

  test('whoever stayed at the login sees that they are signed in', async ({ page, context }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('all-at-once')
    await page.goto(here)
    await expect(explained(page)).toBeVisible()
    await putPolicy('before-the-migration')
    await page.reload()
    await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
    await expect(explained(page)).toHaveCount(0)
    await page.getByRole('link', { name: 'Continue' }).click()
    await expect(page).toHaveURL(here)
  })

  test('whoever signed in at Stytch meanwhile stays there', async ({ page, context }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('all-at-once')
    await page.goto(here)
    await ways['the password that was imported'](page, 'ada@example.com')
    await expect(page).toHaveURL(here)
    const { user } = (await me(context)).body
    await putPolicy('before-the-migration')
    const response = await page.reload()
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    expect((await me(context)).body.user).toEqual(user)
  })
})

test('nobody’s cookies of a Stytch session make a legacy session count', async () => {
  const cookies = {
    ...(await legacyCookies('grace@example.com')),
    ...(await stytchCookies('ada@example.com', { signWith: 'stranger' })),
  }
  await putPolicy('all-at-once')
  const answer = await ask('/api/me', { cookies })
  expect(answer.status).toBe(401)
})
