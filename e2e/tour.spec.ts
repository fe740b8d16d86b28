import type { BrowserContext, Page } from '@playwright/test'
import { demoPassword, urls } from '../sandbox/settings.ts'
import { expectAccessible } from './accessible.ts'
import { auth0, count, database, putPolicy, stytch } from './stand-ins.ts'
import { ask, expect, haveLegacySession, me, signInAtAuth0, test } from './test.ts'

const ada = 'ada@example.com'
const migrate = '/v1/sessions/migrate'

const tourNames = ['before', 'zero-downtime', 'all-at-once', 'rolling', 'rollback'] as const
type TourName = (typeof tourNames)[number]

const state = (page: Page) => page.getByRole('region', { name: 'What your cookies say' })
const seen = (page: Page) => page.getByRole('list', { name: 'Latest requests, newest first' })
const fact = (page: Page, name: string) =>
  state(page).getByText(name, { exact: true }).locator('xpath=following-sibling::dd')
const steps = (page: Page) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 4 }) })

/** The tour's tab, which is never loaded again: what changes in it, it found out by itself. */
async function openTour(context: BrowserContext, tour: TourName): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`/?tour=${tour}#tour`)
  return page
}

/** How far the tour says that one is: in words, with each step that is done and the next one. */
async function expectDone(tour: Page, done: number, of: number): Promise<void> {
  const text = done === of ? 'All steps done' : `${done} of ${of} done`
  await expect(tour.getByRole('status').filter({ hasText: /done$/ })).toHaveText(text)
  await expect(steps(tour)).toHaveCount(of)
  await expect(tour.getByText('Done', { exact: true })).toHaveCount(done)
  await expect(tour.getByText('Next', { exact: true })).toHaveCount(done === of ? 0 : 1)
}

async function writeNote(page: Page): Promise<void> {
  await page.goto('/dashboard')
  await page.getByLabel('New note').fill('To find again')
  await page.getByRole('button', { name: 'Add note' }).click()
  await expect(notes(page)).toContainText('To find again')
}
const notes = (page: Page) => page.getByRole('list', { name: 'Notes' })

/** What is said after each change: the page that an operator comes to knows the policy that is in force. */
async function putInForce(page: Page, button: 'Put in force' | 'Yes, roll back'): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.waitForURL(/changed=\d+|\/login/)
}

async function preview(page: Page, option: string): Promise<void> {
  await page.goto('/control/policy')
  await page.getByRole('link', { name: new RegExp(`^Preview ?: ${option}$`) }).click()
  await putInForce(page, 'Put in force')
}

async function setPercent(page: Page, percent: number): Promise<void> {
  await page.goto('/control/policy')
  const begin = page.getByRole('link', { name: /^Set the dials ?: Rolling$/ })
  if (await begin.isVisible()) await begin.click()
  await page.getByRole('textbox', { name: 'Percentage', exact: true }).fill(String(percent))
  await page.getByRole('button', { name: 'Preview the change' }).click()
  await putInForce(page, 'Put in force')
}

const laneOf = async (context: BrowserContext) => (await me(context)).body.session?.lane

test.describe('the steps, one by one', () => {
  test('before the migration', async ({ page, context }) => {
    const tour = await openTour(context, 'before')
    await expectDone(tour, 1, 3)
    await expect(fact(tour, 'Lane')).toContainText('Anonymous')
    await expect(fact(tour, 'Session ends')).toHaveText('no session')

    await signInAtAuth0(page, ada)
    await expectDone(tour, 2, 3)
    await expect(fact(tour, 'Lane')).toContainText('Legacy lane')
    await expect(fact(tour, 'Lane')).toContainText('legacy_session')
    await expect(fact(tour, 'Cookies')).toContainText('__session')
    await expect(fact(tour, 'Cookies')).toContainText('auth_flow')
    await expect(fact(tour, 'Session ends')).toContainText('UTC')
    await expect(seen(tour)).toContainText('Auth0POST /oauth/token')

    await writeNote(page)
    await expectDone(tour, 3, 3)
    // What it shows: nothing of hers was asked at Stytch.
    expect(await stytch.calls()).toEqual([])
  })

  test('zero-downtime', async ({ page, context }) => {
    const tour = await openTour(context, 'zero-downtime')
    await expectDone(tour, 0, 3)
    await signInAtAuth0(page, ada)
    await writeNote(page)
    await expectDone(tour, 1, 3)

    await preview(page, 'Zero-downtime sessions')
    await expectDone(tour, 2, 3)
    await expect(fact(tour, 'Flow')).toContainText('Stytch login')
    await expect(fact(tour, 'Policy')).toContainText('zero-downtime sessions')
    // The tour looked on while the policy was in force, and carried nothing over.
    expect(await count(stytch, 'POST', migrate)).toBe(0)

    await page.goto('/dashboard')
    await expectDone(tour, 3, 3)
    await expect(notes(page)).toContainText('To find again')
    await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
    // The dormant half is there.
    await expect(fact(tour, 'Cookies')).toContainText(/__session.*stytch_session/)
    await expect(seen(tour)).toContainText(`StytchPOST ${migrate}200`)
    expect(await count(stytch, 'POST', migrate)).toBe(1)
  })

  test('all-at-once', async ({ page, context }) => {
    const tour = await openTour(context, 'all-at-once')
    await signInAtAuth0(page, ada)
    await writeNote(page)
    await expectDone(tour, 1, 3)
    const { id } = (await me(context)).body.user

    await preview(page, 'All-at-once')
    await expectDone(tour, 2, 3)
    await expect(fact(tour, 'Lane')).toContainText('legacy_session_not_accepted')
    await expect(fact(tour, 'Cookies')).toContainText('__session')
    await tour.getByRole('link', { name: '/api/me' }).click()
    await expect(tour.locator('body')).toContainText('legacy_session_not_accepted')
    await tour.goBack()

    await page.goto('/dashboard')
    await expect(page.getByRole('main')).toContainText('Sign-in has changed')
    await page.getByRole('link', { name: 'Use a password' }).click()
    await page.getByLabel('Email address').fill(ada)
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('/dashboard')
    await expect(notes(page)).toContainText('To find again')
    await expectDone(tour, 3, 3)
    await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
    expect((await me(context)).body.user.id).toBe(id)
    expect(await count(stytch, 'POST', migrate)).toBe(0)
  })

  test('rolling', async ({ page, context }) => {
    const tour = await openTour(context, 'rolling')
    await signInAtAuth0(page, ada)
    await expectDone(tour, 1, 5)

    await setPercent(page, 25)
    await expect(fact(tour, 'Policy')).toContainText('rolling, 25%')
    await expectDone(tour, 2, 5)
    await expect(fact(tour, 'Flow')).toContainText('percent')

    await setPercent(page, 100)
    await expectDone(tour, 3, 5)
    await expect(fact(tour, 'Flow')).toContainText('Stytch login')

    await page.goto('/dashboard')
    await expectDone(tour, 4, 5)
    await expect(fact(tour, 'Lane')).toContainText('Stytch lane')

    await setPercent(page, 0)
    await expectDone(tour, 5, 5)
    await expect(fact(tour, 'Flow')).toContainText('legacy login')
    await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
    expect(await laneOf(context)).toBe('stytch')
  })

  test('the way back', async ({ page, context }) => {
    const tour = await openTour(context, 'rollback')
    await expectDone(tour, 0, 3)
    await signInAtAuth0(page, ada)
    await writeNote(page)
    await preview(page, 'Zero-downtime sessions')
    await expect(async () => {
      await page.goto('/dashboard')
      await expect(page.getByText('Signed in at').locator('..')).toContainText('Stytch', {
        timeout: 1_500,
      })
    }).toPass()
    await expectDone(tour, 1, 3)

    await page.goto('/control')
    await page.getByRole('link', { name: 'Roll back…' }).click()
    await putInForce(page, 'Yes, roll back')
    await expectDone(tour, 2, 3)
    await page.goto('/dashboard')
    await expect(page.getByText('Signed in at').locator('..')).toContainText('Stytch')

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('/')
    await expect(fact(tour, 'Lane')).toContainText('Anonymous')
    await expectDone(tour, 2, 3)
    await signInAtAuth0(page, ada)
    await expect(notes(page)).toContainText('To find again')
    await expectDone(tour, 3, 3)
    await expect(fact(tour, 'Lane')).toContainText('Legacy lane')
  })
})

test('has an address for each option, and begins with the first', async ({ page }) => {
  await page.goto('/')
  const current = page.getByRole('navigation', { name: 'Tours' }).locator('[aria-current=page]')
  await expect(current).toHaveText('Before')
  for (const [link, shown, address] of [
    ['Zero-downtime', 'Zero-downtime', '/?tour=zero-downtime#tour'],
    ['All-at-once', 'All-at-once', '/?tour=all-at-once#tour'],
    ['Rolling', 'Rolling', '/?tour=rolling#tour'],
    ['Rollback', 'Rollback', '/?tour=rollback#tour'],
    ['Begin here', 'Before', '/?tour=before#tour'],
    ['Try rolling', 'Rolling', '/?tour=rolling#tour'],
    ['Try the way back', 'Rollback', '/?tour=rollback#tour'],
  ] as const) {
    await page.getByRole('link', { name: link, exact: true }).click()
    await expect(page).toHaveURL(address)
    await expect(current).toHaveText(shown)
  }
  for (const strange of ['/?tour=constructor', '/?tour=', '/?tour=a&tour=b']) {
    await page.goto(strange)
    await expect(current).toHaveText('Before')
  }
})

test('with the database down it marks nothing, says so, and recovers by itself', async ({
  page,
}) => {
  await database.setUp(false)
  expect((await page.goto('/'))?.status()).toBe(200)
  await expect(state(page)).toContainText('This cannot be told at the moment')
  await expect(steps(page)).toHaveCount(3)
  await expect(page.getByText('Next', { exact: true })).toHaveCount(0)
  await database.setUp(true)
  await expectDone(page, 1, 3)
})

test.describe('while it keeps itself current', () => {
  /** The page's own next requests, as the browser sends them. */
  async function refreshes(page: Page, times: number) {
    const answers = []
    for (let turn = 0; turn < times; turn++) {
      const answer = await page.waitForResponse(
        (response) =>
          new URL(response.url()).pathname === '/' && response.request().headers().rsc === '1',
      )
      answers.push({ status: answer.status(), headers: await answer.headersArray() })
    }
    return answers
  }
  const cookiesSetBy = (answers: Awaited<ReturnType<typeof refreshes>>) =>
    answers.flatMap(({ headers }) =>
      headers.filter(({ name }) => name.toLowerCase() === 'set-cookie').map(({ value }) => value),
    )

  test('it carries nothing over, sets no cookie, and asks no provider: legacy lane', async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, ada)
    await putPolicy('zero-downtime')
    await page.goto('/')
    const cookies = await context.cookies()
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

    const answers = await refreshes(page, 3)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(cookiesSetBy(answers)).toEqual([])
    expect(await context.cookies()).toEqual(cookies)
    expect(await stytch.requests()).toEqual([])
    expect(await auth0.requests()).toEqual([])
    expect(await laneOf(context)).toBe('legacy')
  })

  test('it sets no cookie, and asks no provider: Stytch lane', async ({ page, context }) => {
    await putPolicy('zero-downtime')
    const tokens = await stytch.session(ada)
    await context.addCookies([
      { name: 'stytch_session', value: tokens.session_token, url: urls.app },
      { name: 'stytch_session_jwt', value: tokens.session_jwt, url: urls.app },
    ])
    await page.goto('/')
    await expect(fact(page, 'Lane')).toContainText('Stytch lane')
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

    const answers = await refreshes(page, 3)
    expect(cookiesSetBy(answers)).toEqual([])
    expect(await stytch.requests()).toEqual([])
    expect(await auth0.requests()).toEqual([])
  })

  test('it tells no value of a cookie, and no token', async ({ page, context }) => {
    await signInAtAuth0(page, ada)
    await putPolicy('zero-downtime')
    await page.goto('/dashboard')
    await expect(page.getByText('Your session was carried over')).toBeVisible()
    const html = await (await page.goto('/'))?.text()
    const values = (await context.cookies(urls.app)).map(({ value }) => value)
    expect(values.length).toBeGreaterThan(3)
    for (const value of values) expect(html).not.toContain(value.slice(0, 24))
  })
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('it is a still picture, and says nothing of being live', async ({ page, context }) => {
    await haveLegacySession(context, ada)
    await page.goto('/')
    await page.getByRole('link', { name: 'Zero-downtime', exact: true }).click()
    await expectDone(page, 1, 3)
    await expect(fact(page, 'Lane')).toContainText('Legacy lane')
    await expect(page.getByText(/^Live/)).toHaveCount(0)
    await expect(page.getByRole('button', { name: /Pause/ })).toHaveCount(0)
  })
})

for (const tour of tourNames) {
  test(`is accessible, and fits a phone: ${tour}`, async ({ page, context }) => {
    await test.step('with steps to do', async () => {
      await page.goto(`/?tour=${tour}#tour`)
      await expectAccessible(page)
    })
    await test.step('on the Stytch lane already', async () => {
      await haveLegacySession(context, ada)
      await putPolicy('zero-downtime')
      await page.goto('/dashboard')
      await expect(page.getByText('Your session was carried over')).toBeVisible()
      await page.goto(`/?tour=${tour}#tour`)
      // In the others there is a step to do before, or none that needs a legacy session.
      const isTooFar = tour === 'all-at-once' || tour === 'rolling'
      await expect(page.getByText('You are on the Stytch lane already')).toHaveCount(
        isTooFar ? 1 : 0,
      )
      await expectAccessible(page)
    })
  })
}

test.describe('the source of a screen', () => {
  const footer = (page: Page) => page.getByRole('navigation', { name: 'Source of this page' })

  test('is linked from each screen, and can be read by whoever looks', async ({
    page,
    context,
  }) => {
    const named = new Set<string>()
    for (const [address, file] of [
      ['/', 'app/(cutover)/page.tsx'],
      ['/login', 'app/login/page.tsx'],
      ['/authenticate', 'app/authenticate/page.tsx'],
      ['/dashboard', 'app/dashboard/page.tsx'],
      ['/control', 'app/(cutover)/control/page.tsx'],
      ['/control/policy', 'app/(cutover)/control/policy/page.tsx'],
      ['/control/history', 'app/(cutover)/control/history/page.tsx'],
      ['/control/mirror', 'app/(cutover)/control/mirror/page.tsx'],
      ['/control/switch-off', 'app/(cutover)/control/switch-off/page.tsx'],
    ] as const) {
      if (address === '/dashboard') await haveLegacySession(context, ada)
      await page.goto(address)
      const links = footer(page).getByRole('link')
      await expect(links.first()).toHaveText(file)
      for (const link of await links.all()) named.add((await link.getAttribute('href')) ?? '')
    }
    expect(named.size).toBeGreaterThan(15)
    for (const address of named) {
      const answer = await ask(address)
      expect(answer.status, address).toBe(200)
      expect(answer.sessionCookies).toEqual([])
    }
  })

  test('has numbers that are not copied with the lines, and shows markup as text', async ({
    page,
  }) => {
    await page.goto('/')
    await footer(page).getByRole('link', { name: 'app/(cutover)/page.tsx' }).click()
    await expect(page).toHaveURL('/source/app/page.tsx')
    const text = page.getByRole('region', { name: 'Text of app/(cutover)/page.tsx' })
    await expect(text).toContainText('<PageShell current="home">')
    expect(await text.textContent()).toMatch(/^import /)
    await page.goto('/source/app/page.tsx#L10')
    await expect(page.locator('#L10')).toBeInViewport()
    await expectAccessible(page)
  })

  for (const [attack, path] of [
    ['a file that no screen names', 'package.json'],
    ['the environment', '.env'],
    ['the keys', '.env-test'],
    ['a climb', 'app/../package.json'],
    ['an encoded climb', 'app/%2e%2e/package.json'],
    ['an encoded slash', 'app%2Fpage.tsx/..%2f..%2fpackage.json'],
    ['a climb that is encoded twice', 'app/%252e%252e/package.json'],
    ['a backslash', 'app%5c..%5cpackage.json'],
    ['a null byte', 'app/(cutover)/page.tsx%00.png'],
    ['a path of the machine', 'etc/passwd'],
    ['a folder', 'app'],
    ['a link into the packages', 'node_modules/next/package.json'],
    ['a name that every object has', 'constructor'],
  ] as const) {
    test(`refuses ${attack}`, async () => {
      // Not with `fetch`, which would climb by itself before it asks.
      const { status, body } = await rawGet(`/source/${path}`)
      expect([400, 404]).toContain(status)
      expect(body).not.toMatch(/"dependencies"|root:x|STYTCH_SECRET=/)
    })
  }
})

/** A request whose path is sent as it is written. */
async function rawGet(path: string): Promise<{ status: number; body: string }> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(urls.app)
    request({ hostname, port, path }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .on('error', reject)
      .end()
  })
}
