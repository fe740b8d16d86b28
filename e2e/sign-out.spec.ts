import type { BrowserContext, Page } from '@playwright/test'
import { demoPassword, urls } from '../sandbox/settings.ts'
import { auth0, count, database, putPolicy, stytch } from './stand-ins.ts'
import { act, expect, haveLegacySession, me, moveClock, signInAtAuth0, test } from './test.ts'

const ada = 'ada@example.com'
const revoke = '/v1/sessions/revoke'
const migrate = '/v1/sessions/migrate'

const sessionsOf = async (email: string) =>
  (await stytch.users()).find((user) => user.email === email)?.sessions

const sessionCookies = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) =>
    /^(?:stytch_session|__session|__FC_|__txn_)/.test(name),
  )

async function signInAtStytch(page: Page, email = ada): Promise<void> {
  await page.goto('/login?with=password')
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL('/dashboard')
}

async function haveCarriedOver(page: Page): Promise<void> {
  await page.goto('/dashboard')
  await expect(page.getByText('Your session was carried over to Stytch.')).toBeVisible()
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL('/')
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible()
}

async function expectSignedOut(context: BrowserContext): Promise<void> {
  expect(await sessionCookies(context)).toEqual([])
  expect((await me(context)).status).toBe(401)
}

/** Whether Auth0 still knows this browser: then it asks nothing and sends it straight back. */
async function expectAuth0ToAsk(page: Page): Promise<void> {
  await page.goto('/auth/login')
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible()
  expect(new URL(page.url()).origin).toBe(urls.auth0)
}

/** Sign-outs that a copied cookie would undo are worth nothing. */
async function inAnotherBrowser(
  from: BrowserContext,
  newContext: () => Promise<BrowserContext>,
  steal: () => Promise<unknown>,
): Promise<BrowserContext> {
  const cookies = await from.cookies()
  const thief = await newContext()
  await steal()
  await thief.addCookies(cookies)
  return thief
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('from the Stytch lane: the session is revoked and its cookies are gone', async ({
      page,
      context,
    }) => {
      await putPolicy('zero-downtime')
      await signInAtStytch(page)
      expect(await sessionsOf(ada)).toBe(1)

      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await signOut(page)
      const response = await answered
      expect(response.ok() || response.status() === 303).toBe(true)
      const set = (await response.headersArray()).filter(
        ({ name }) => name.toLowerCase() === 'set-cookie',
      )
      for (const name of ['stytch_session', 'stytch_session_jwt']) {
        const cookie = set.find(({ value }) => value.startsWith(`${name}=`))?.value
        expect(cookie).toMatch(/^[^=]+=;/)
        expect(cookie).toMatch(/; Path=\//)
        expect(cookie).toMatch(/Expires=Thu, 01 Jan 1970/)
      }
      await expectSignedOut(context)
      expect(await sessionsOf(ada)).toBe(0)
      expect(await count(stytch, 'POST', revoke)).toBe(1)
      // She never was at Auth0.
      expect(await auth0.requests()).not.toContainEqual(
        expect.objectContaining({ path: '/v2/logout' }),
      )
      // The product is closed to her.
      await page.goto('/dashboard')
      await expect(page).toHaveURL('/login?returnTo=%2Fdashboard')
    })

    test('from the legacy lane: the refresh token is revoked, and Auth0 asks for the password again', async ({
      page,
      context,
    }) => {
      await signInAtAuth0(page, ada)
      await test.step('which it would not do otherwise', async () => {
        const kept = await sessionCookies(context)
        await context.clearCookies({ name: /^__session/ })
        await page.goto('/auth/login')
        await expect(page).toHaveURL('/dashboard')
        expect((await sessionCookies(context)).map(({ name }) => name)).toEqual(
          kept.map(({ name }) => name),
        )
      })

      await signOut(page)
      await expectSignedOut(context)
      expect(
        (await auth0.requests()).filter(
          ({ path, status }) => path === '/oauth/revoke' && status === 200,
        ),
      ).toHaveLength(1)
      expect(await count(auth0, 'GET', '/v2/logout')).toBe(1)
      expect(await count(stytch, 'POST', revoke)).toBe(0)
      await expectAuth0ToAsk(page)
    })
  })
}

test('with another tab open: what is sent from it asks to sign in, and is not lost', async ({
  page,
  context,
}) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  const other = await context.newPage()
  await other.goto('/dashboard')
  await signOut(page)

  await other.getByLabel('New note').fill('Half a thought')
  await other.getByRole('button', { name: 'Add note' }).click()
  await expect(other).toHaveURL('/login?returnTo=%2Fdashboard')
  expect(await database.query('select 1 from notes')).toEqual([])

  await signInAtStytch(other)
  await expect(other.getByLabel('New note')).toHaveValue('Half a thought')
  await other.getByRole('button', { name: 'Add note' }).click()
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText('Half a thought')
})

// With JavaScript only: the page carries a session over with a script.
test('with a dormant legacy cookie: both sessions end', async ({ page, context }) => {
  await signInAtAuth0(page, ada)
  await putPolicy('zero-downtime')
  await haveCarriedOver(page)
  const names = (await sessionCookies(context)).map(({ name }) => name)
  expect(names).toContain('stytch_session')
  expect(names.some((name) => name.startsWith('__session'))).toBe(true)

  await signOut(page)
  await expectSignedOut(context)
  expect(await sessionsOf(ada)).toBe(0)
  expect(await count(stytch, 'POST', revoke)).toBe(1)
  expect(await count(auth0, 'POST', '/oauth/revoke')).toBe(1)
  await putPolicy('before-the-migration')
  await expectAuth0ToAsk(page)
})

test('the refresh token of the session is dead at Auth0 afterwards', async ({ page, context }) => {
  const { refresh_token: refreshToken } = await auth0.grant(ada)
  await haveLegacySession(context, ada, { refreshToken })
  await page.goto('/dashboard')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL('/')
  const answer = await fetch(`${urls.auth0}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'cutover-web',
      client_secret: 'cutover-web-secret-not-a-secret-00000',
    }),
  })
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
})

test('a copy of the old cookies does not get a Stytch session again', async ({
  page,
  context,
  browser,
}) => {
  await haveLegacySession(context, ada)
  await putPolicy('zero-downtime')
  await haveCarriedOver(page)
  const thief = await inAnotherBrowser(
    context,
    () => browser.newContext({ baseURL: urls.app }),
    () => signOut(page),
  )
  // Both, and then the legacy ones alone.
  for (const without of [null, /^stytch_session/]) {
    if (without) await thief.clearCookies({ name: without })
    // A JWT of Stytch's is good for its five minutes, whatever happens.
    await moveClock(thief, 6 * 60)
    const theirs = await thief.newPage()
    await theirs.goto('/dashboard')
    await expect(theirs).toHaveURL(/\/login/)
    expect((await me(thief)).status).toBe(401)
    await theirs.close()
  }
  expect(await sessionsOf(ada)).toBe(0)
  const migrations = (await stytch.requests()).filter(({ path }) => path === migrate)
  expect(migrations).toHaveLength(1)
  await thief.close()
})

test('a copy of a legacy cookie that was signed out of before the migration is not carried over', async ({
  page,
  context,
  browser,
}) => {
  await haveLegacySession(context, ada)
  await page.goto('/dashboard')
  const thief = await inAnotherBrowser(
    context,
    () => browser.newContext({ baseURL: urls.app }),
    () => signOut(page),
  )
  await putPolicy('zero-downtime')
  const theirs = await thief.newPage()
  await theirs.goto('/dashboard')
  await expect(theirs).toHaveURL(/\/login/)
  expect((await thief.cookies()).filter(({ name }) => name.startsWith('stytch_'))).toEqual([])
  expect(await count(stytch, 'POST', migrate)).toBe(0)
  await thief.close()
})

test('a copy of the old Stytch cookies is worth nothing once its JWT has ended', async ({
  page,
  context,
  browser,
}) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  const thief = await inAnotherBrowser(
    context,
    () => browser.newContext({ baseURL: urls.app }),
    () => signOut(page),
  )
  await moveClock(thief, 6 * 60)
  const answer = await thief.request.get('/api/me')
  expect(answer.status()).toBe(401)
  // And the browser is told to forget them, so that Stytch is not asked about them again and again.
  expect(await sessionCookies(thief)).toEqual([])
  await thief.close()
})

test('the event tells who signed out, from which lane, and holds no token', async ({
  page,
  context,
}) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  const { id } = (await me(context)).body.user
  const cookies = await sessionCookies(context)
  const tokens = cookies.map(({ value }) => value)
  await signOut(page)
  // A copy of the cookies is good for a few minutes more, and must not fill the table.
  const copied = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
  for (let n = 0; n < 3; n += 1) await act('signOut', '/dashboard', { cookies: copied })
  const events = await database.query<{ account_id: string; result: string; reason: string }>(
    "select * from events where kind = 'sign_out'",
  )
  expect(events).toEqual([
    expect.objectContaining({ account_id: id, result: 'signed_out', reason: 'stytch' }),
  ])
  for (const token of tokens) expect(JSON.stringify(events)).not.toContain(token)
})

test.describe('nothing but her own click signs her out', () => {
  test.beforeEach(async ({ page, context }) => {
    await signInAtAuth0(page, ada)
    expect((await me(context)).status).toBe(200)
  })

  for (const path of ['/auth/logout', '/logout', '/sign-out', '/auth/logout?returnTo=/']) {
    test(`GET ${path}`, async ({ page, context }) => {
      await page.goto(path)
      expect((await me(context)).body.session.lane).toBe('legacy')
      expect(await count(auth0, 'GET', '/v2/logout')).toBe(0)
      expect(await count(auth0, 'POST', '/oauth/revoke')).toBe(0)
    })
  }

  /** The fields of the sign-out form, as a page of another site could copy them. */
  async function fieldsOf(page: Page): Promise<Record<string, string>> {
    const html = await (await page.request.get('/dashboard')).text()
    const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*Sign out[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
    const fields = [...form.matchAll(/<input[^>]*>/g)].map(([input]) => {
      const value = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? ''
      return [value('name'), value('value').replaceAll('&quot;', '"')] as const
    })
    return Object.fromEntries(fields)
  }

  test('a GET with the fields of the form', async ({ page, context }) => {
    const fields = await fieldsOf(page)
    expect(Object.keys(fields).some((name) => name.startsWith('$ACTION_'))).toBe(true)
    await context.request.get(`/dashboard?${new URLSearchParams(fields)}`)
    expect((await me(context)).body.session.lane).toBe('legacy')
  })

  test('a post from another site', async ({ page, context }) => {
    const fields = await fieldsOf(page)
    for (const origin of ['https://evil.example', 'null']) {
      const answer = await context.request.post('/dashboard', {
        multipart: fields,
        headers: { origin },
        maxRedirects: 0,
      })
      expect(answer.ok()).toBe(false)
      expect((await me(context)).body.session.lane).toBe('legacy')
    }
    // The same from our own site does it: what was refused was no mere nonsense.
    await context.request.post('/dashboard', {
      multipart: fields,
      headers: { origin: urls.app },
      maxRedirects: 0,
    })
    await expectSignedOut(context)
  })
})

for (const [trouble, fault] of [
  ['down', { drop: true }],
  ['slow', { delayMs: 600_000 }],
  ['failing', { status: 500, body: { error: 'no' } }],
] as const) {
  test(`with both providers ${trouble}, everything here is cleared all the same`, async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, ada)
    await putPolicy('zero-downtime')
    await haveCarriedOver(page)
    await stytch.setFaults([{ path: '/v1/*', ...fault }])
    await auth0.setFaults([{ path: '/oauth/revoke', ...fault }])
    await signOut(page)
    await expectSignedOut(context)
    await page.goto('/dashboard')
    await expect(page).toHaveURL(/\/login/)
  })
}

test('with the database down, everything is cleared all the same', async ({ page, context }) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  await database.setUp(false)
  await signOut(page)
  await expectSignedOut(context)
  expect(await sessionsOf(ada)).toBe(0)
})
