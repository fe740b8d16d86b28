import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { appEnvironment, auth0Tenant, stytchProject, urls } from '../sandbox/settings.ts'
import { auth0, count, database, type Preset, putPolicy, stytch } from './stand-ins.ts'
import { act, expect, me, stytchCookies, test } from './test.ts'

/** Who is born at Stytch gets in at the legacy login too: with a rollback, it is the only one that is shown. */

const forgetJobs = () => database.query('delete from pgboss.job')
test.beforeEach(forgetJobs)
// What is still waiting would write to the next test's world.
test.afterEach(forgetJobs)

const goodPassword = 'purple-otter-lamp-74'
const newAddress = () => `${crypto.randomUUID()}@example.com`
/** The first attempt that fails waits for three to six seconds, the second for twice as long. */
const patience = { timeout: 25_000 }

async function signUp(page: Page, email: string): Promise<void> {
  await page.goto('/login?with=signup')
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(goodPassword)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.waitForURL('/dashboard')
}

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await page.getByRole('button', { name: 'Add note' }).click()
  await expect(page.getByRole('list', { name: 'Notes' })).toContainText(text)
}

/** Types an address and a password into the legacy login, on a device of its own. */
async function legacyLogin(browser: Browser, email: string, password: string): Promise<Page> {
  const context: BrowserContext = await browser.newContext()
  const page = await context.newPage()
  await page.goto('/dashboard')
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  return page
}

type LegacyUser = { user_id: string; name: string; email_verified: boolean }

/** The records that the legacy provider has for an address. */
async function records(email: string): Promise<LegacyUser[]> {
  const { clientId, clientSecret } = auth0Tenant.management
  const granted = await fetch(`${urls.auth0}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      audience: `${urls.auth0}/api/v2/`,
    }),
  })
  const { access_token: token } = (await granted.json()) as { access_token: string }
  const found = await fetch(`${urls.auth0}/api/v2/users-by-email?email=${email}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return (await found.json()) as LegacyUser[]
}
const untilMirrored = (email: string, times = 1) =>
  expect.poll(async () => (await records(email)).length, patience).toBe(times)

/** A call of somebody else's backend to Stytch, past this app. */
const stytchApi = (method: string, path: string, body?: object) =>
  fetch(`${urls.stytch}${path}`, {
    method,
    headers: {
      authorization: `Basic ${btoa(`${stytchProject.projectId}:${stytchProject.secret}`)}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  })

async function userIdOf(email: string): Promise<string> {
  const user = (await stytch.users()).find((each) => each.email === email)
  if (!user) throw new Error(`no Stytch user ${email}`)
  return user.id
}

const back: Preset = 'before-the-migration'

test('signs up at Stytch; after a rollback, another device gets in with the same password and sees the same notes', async ({
  page,
  context,
  browser,
}) => {
  const email = newAddress()
  await putPolicy('zero-downtime')
  await signUp(page, email)
  await addNote(page, 'Written by somebody born at Stytch')
  const { user } = (await me(context)).body
  await untilMirrored(email)

  await putPolicy(back)
  const other = await legacyLogin(browser, email, goodPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText(
    'Written by somebody born at Stytch',
  )
  const there = (await me(other.context())).body
  expect(there.session.lane).toBe('legacy')
  expect(there.user).toEqual(user)
  // Nor was the first device signed out by it.
  expect((await me(context)).body.session.lane).toBe('stytch')
  expect(await count(auth0, 'POST', '/api/v2/users')).toBe(1)
  expect(await auth0.inbox()).toEqual([])
})

test('signs up while the legacy provider is down: nobody waits, and the record appears once', async ({
  page,
  browser,
}) => {
  const email = newAddress()
  await putPolicy('zero-downtime')
  // Hangs, and then fails: whoever waited for it would wait for longer than this test may take.
  await auth0.setFaults([
    { path: '/api/v2/*', delayMs: 600_000, drop: true },
    { path: '/oauth/token', delayMs: 600_000, drop: true },
  ])
  await signUp(page, email)
  await addNote(page, 'Nothing noticed')
  const waiting = () =>
    database.query<{ reason: string }>("select reason from events where kind = 'mirror'")
  await expect
    .poll(waiting, patience)
    .toEqual(expect.arrayContaining([{ reason: 'legacy_timeout' }]))
  expect(await (await fetch(`${urls.app}/api/health`)).json()).toMatchObject({ mirror: 'on' })

  await auth0.clearFaults()
  await untilMirrored(email)
  expect(await count(auth0, 'POST', '/api/v2/users')).toBe(1)
  await putPolicy(back)
  const other = await legacyLogin(browser, email, goodPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText('Nothing noticed')
})

test('sets a new password at Stytch, and the legacy login wants the new one', async ({
  page,
  browser,
}) => {
  const email = newAddress()
  const newPassword = 'green-walrus-kettle-91'
  await putPolicy('zero-downtime')
  await signUp(page, email)
  await untilMirrored(email)

  await page.context().clearCookies()
  await page.goto('/login?with=reset')
  await page.getByLabel('Email address').fill(email)
  await page.getByRole('button', { name: 'Email me a reset link' }).click()
  await page.waitForURL(/step=reset/)
  const mail = (await stytch.inbox()).findLast(({ to }) => to === email)
  await page.goto(mail?.link ?? '')
  await page.getByLabel('New password').fill(newPassword)
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await page.waitForURL('/dashboard')
  const mirrored = () =>
    database.query("select result from events where reason = 'password_password_same'")
  await expect.poll(mirrored, patience).toEqual([{ result: 'updated' }])

  await putPolicy(back)
  const refused = await legacyLogin(browser, email, goodPassword)
  await expect(refused.getByRole('alert')).toContainText(/wrong/i)
  const other = await legacyLogin(browser, email, newPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByText(email).first()).toBeVisible()
})

test('signs up by code: a mail of the legacy provider sets the password of the legacy login', async ({
  page,
  browser,
}) => {
  const email = newAddress()
  await putPolicy('zero-downtime')
  await page.goto('/login')
  await page.getByLabel('Email address').fill(email)
  await page.getByRole('button', { name: 'Email me a code' }).click()
  await page.waitForURL(/step=code/)
  // An address that somebody only typed is nobody yet: no record, and no mail to its owner.
  expect(await records(email)).toEqual([])
  const code = (await stytch.inbox()).findLast(({ to }) => to === email)?.code ?? ''
  await page.getByLabel('Six-digit code').fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('/dashboard')
  await addNote(page, 'No password so far')
  await untilMirrored(email)
  expect(await records(email)).toMatchObject([{ email_verified: true }])
  await expect.poll(auth0.inbox, patience).toMatchObject([{ to: email, kind: 'set-password' }])

  await putPolicy(back)
  const [mail] = await auth0.inbox()
  const device = await browser.newPage()
  await device.goto(mail?.link ?? '')
  await device.getByLabel(/password/i).fill('set-by-the-mail-1')
  await device.getByRole('button').click()
  await expect(device.getByRole('heading', { name: 'Password changed' })).toBeVisible()
  const other = await legacyLogin(browser, email, 'set-by-the-mail-1')
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText('No password so far')
})

test('is renamed and then deleted at Stytch, past this app: the webhooks take it to the legacy provider', async ({
  page,
  browser,
}) => {
  const email = newAddress()
  await putPolicy('zero-downtime')
  await signUp(page, email)
  await untilMirrored(email)
  const id = await userIdOf(email)

  await stytchApi('PUT', `/v1/users/${id}`, { name: { first_name: 'Mary', last_name: 'Jackson' } })
  await expect
    .poll(async () => (await records(email)).map(({ name }) => name), patience)
    .toEqual(['Mary Jackson'])

  await stytchApi('DELETE', `/v1/users/${id}`)
  await untilMirrored(email, 0)
  await putPolicy(back)
  const refused = await legacyLogin(browser, email, goodPassword)
  await expect(refused.getByRole('alert')).toContainText(/wrong/i)
})

test('refuses unsigned webhooks, and the cron route to whoever has not the secret', async () => {
  const post = (headers: Record<string, string>) =>
    fetch(`${urls.app}/api/webhooks/stytch`, { method: 'POST', headers, body: '{}' })
  const unsigned = await post({})
  expect(unsigned.status).toBe(401)
  expect(await unsigned.json()).toEqual({ error: { code: 'signature_missing' } })
  const forged = await post({
    'svix-id': 'msg_1',
    'svix-timestamp': String(Math.floor(Date.now() / 1_000)),
    'svix-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  })
  expect(forged.status).toBe(401)

  const cron = (authorization?: string) =>
    fetch(`${urls.app}/api/cron/mirror`, { headers: authorization ? { authorization } : {} })
  expect((await cron()).status).toBe(401)
  expect((await cron(`Bearer ${appEnvironment.CONTROL_TOKEN}`)).status).toBe(401)
  const drained = await cron(`Bearer ${appEnvironment.CRON_SECRET}`)
  expect(drained.status).toBe(200)
  expect(await drained.json()).toMatchObject({ failed: 0, left: { on: true, dead: 0 } })
})

test.describe('the page of the mirror', () => {
  const operator = async (page: Page) => {
    await putPolicy('before-the-migration')
    const cookies = Object.entries(await stytchCookies('ada@example.com'))
    await page
      .context()
      .addCookies(cookies.map(([name, value]) => ({ name, value, url: urls.app })))
    await page.goto('/control/mirror')
  }
  const main = (page: Page) => page.getByRole('main')
  /** Of nobody: what becomes of it when it runs is not what is looked at here. */
  const job = (reason?: string) =>
    JSON.stringify({ accountId: 'acct_nobody', userId: 'user-test-nobody', change: 'born', reason })
  const jobs = () =>
    database.query<{ id: string; name: string }>(
      `select id, name from pgboss.job where data->>'accountId' = 'acct_nobody'`,
    )

  test('says that all is well when nothing waits', async ({ page }) => {
    await operator(page)
    await expect(main(page)).toContainText('Caught up')
    await expect(main(page).getByRole('button', { name: /again|Retry/ })).toHaveCount(0)
  })

  test('lists a job that was given up with its reason, and puts it back into the queue', async ({
    page,
  }) => {
    await database.query(
      `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
      [job('address_taken')],
    )
    const [dead] = await jobs()
    if (!dead) throw new Error('no job')
    // Whoever is no operator moves nothing.
    const form = new FormData()
    form.set('_1_id', dead.id)
    form.set('0', '[{"problem":null},"$K1"]')
    const request = new Request('http://localhost', { method: 'POST', body: form })
    const headers = { 'content-type': request.headers.get('content-type') as string }
    const body = await request.text()
    const cookies = await stytchCookies('grace@example.com')
    const refused = await act('retryJob', '/control/mirror', { cookies, body, headers })
    expect(refused.status).toBe(403)
    expect(await jobs()).toEqual([dead])

    await operator(page)
    await expect(main(page)).toContainText('Look at these')
    await expect(main(page)).toContainText('address_taken')
    await page.getByRole('button', { name: /^Try again/ }).click()
    await expect(main(page).getByRole('status')).toContainText('back in the queue')
    await expect(main(page)).toContainText('None')
    const [moved] = await jobs()
    expect(moved?.name).toBe('mirror')
  })

  test('makes what waits for its next attempt due now', async ({ page }) => {
    await database.query(
      `insert into pgboss.job (name, data, state, retry_count, retry_limit, start_after)
       values ('mirror', $1::jsonb, 'retry', 3, 50, now() + interval '1 hour')`,
      [job()],
    )
    await operator(page)
    await page.getByRole('button', { name: 'Try the failed ones now' }).click()
    await expect(main(page).getByRole('status')).toContainText('1 job is due now')
    const due = `select 1 from pgboss.job where name = 'mirror' and start_after <= now()`
    expect(await database.query(due)).toHaveLength(1)
  })

  test('works without script', async ({ browser }) => {
    await database.query(
      `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
      [job('legacy_timeout')],
    )
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: urls.app })
    const page = await context.newPage()
    await operator(page)
    await page.getByRole('button', { name: /^Try again/ }).click()
    await expect(main(page).getByRole('status')).toContainText('back in the queue')
    await context.close()
  })

  test('axe finds nothing, in both schemes, and nothing is wider than a phone', async ({
    page,
  }) => {
    await database.query(
      `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
      [job('address_taken')],
    )
    await database.query(
      `insert into pgboss.job (name, data, state, retry_count, retry_limit, start_after)
       values ('mirror', $1::jsonb, 'retry', 3, 50, now() + interval '1 hour')`,
      [job()],
    )
    await operator(page)
    await page.getByRole('button', { name: 'Pause updating this page' }).click()
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width, height: 740 })
        expect(
          (await new AxeBuilder({ page }).analyze()).violations,
          `${colorScheme} ${width}`,
        ).toEqual([])
        const [has, is] = await page.evaluate(() => {
          const { clientWidth, scrollWidth } = document.documentElement
          return [clientWidth, scrollWidth]
        })
        expect(is).toBe(has)
      }
    }
  })
})
