import type { Browser, BrowserContext, Page } from '@playwright/test'
import { demoPassword, urls } from '../sandbox/settings.ts'
import { auth0, count, database, putPolicy, stytch } from './stand-ins.ts'
import { expect, haveLegacySession, me, moveClock, signInAtAuth0, test } from './test.ts'

/**
 * The way back, and forward again, as often as one likes: whoever is signed in stays so, whichever provider
 * they are at, and whoever was born at Stytch gets in at the legacy login. With the mirror on.
 */

const forward = 'zero-downtime'
const back = 'before-the-migration'

const forgetJobs = () => database.query('delete from pgboss.job')
test.beforeEach(forgetJobs)
// What is still waiting would write to the next test's world.
test.afterEach(forgetJobs)

const goodPassword = 'purple-otter-lamp-74'
const newAddress = () => `${crypto.randomUUID()}@example.com`
/** The mirror's first attempt that fails waits for some seconds. */
const patience = { timeout: 25_000 }

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const notes = (page: Page) => page.getByRole('list', { name: 'Notes' })
const carriedOver = (page: Page) => page.getByText('Your session was carried over to Stytch.')

async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)
}

const newDevice = async (browser: Browser): Promise<Page> =>
  (await browser.newContext({ baseURL: urls.app })).newPage()

async function signUp(page: Page, email: string): Promise<void> {
  await page.goto('/login?with=signup')
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(goodPassword)
  await button(page, 'Create account').click()
  await page.waitForURL('/dashboard')
}

async function askForCode(page: Page, email: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a code').click()
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
}

async function enterCode(page: Page, email: string): Promise<void> {
  const code = (await stytch.inbox()).findLast(({ to }) => to === email)?.code ?? ''
  await page.getByLabel('Six-digit code').fill(code)
  await button(page, 'Sign in').click()
  await page.waitForURL('/dashboard')
}

/** Types an address and a password into the legacy login. */
async function signInAtLegacy(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/dashboard')
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Continue').click()
  await page.waitForURL('/dashboard')
}

/** How the record that the legacy provider has of somebody came about. */
const mirrored = async (email: string) => {
  const rows = await database.query<{ result: string }>(
    `select e.result from events e join accounts a on a.id = e.account_id
     where e.kind = 'mirror' and a.email = $1 order by e.id`,
    [email],
  )
  return rows.map(({ result }) => result)
}
const untilMirrored = (email: string) =>
  expect.poll(() => mirrored(email), patience).toEqual(expect.arrayContaining(['created']))

/** Somebody who must not notice anything: what they are is written down, and compared ever after. */
class Person {
  readonly name: string
  readonly page: Page
  #user: unknown
  constructor(name: string, page: Page) {
    this.name = name
    this.page = page
  }
  get context(): BrowserContext {
    return this.page.context()
  }
  get note(): string {
    return `Of ${this.name}`
  }
  async settle(): Promise<void> {
    await addNote(this.page, this.note)
    this.#user = (await me(this.context)).body.user
  }
  /** Loads the page that needs a session: it is there at once, with the same account and the same notes. */
  async expectUndisturbed(lane: 'stytch' | 'legacy' | RegExp): Promise<void> {
    const response = await this.page.goto('/dashboard')
    expect(response?.status(), this.name).toBe(200)
    await expect(this.page, this.name).toHaveURL('/dashboard')
    await expect(notes(this.page), this.name).toContainText(this.note)
    await expect(notes(this.page).getByRole('listitem'), this.name).toHaveCount(1)
    const { body } = await me(this.context)
    expect(body.user, this.name).toEqual(this.#user)
    expect(body.session.lane, this.name).toMatch(lane)
  }
}

test('forward, back and forward with people in all states: nobody is asked to sign in, and each keeps account and notes', async ({
  browser,
}) => {
  test.setTimeout(120_000)
  const someone = async (name: string) => new Person(name, await newDevice(browser))
  const carried = await someone('who is carried over')
  const absent = await someone('who does not come by meanwhile')
  const unverified = await someone('whose address nobody verified')
  const born = await someone('born at Stytch, with a password')
  const bornByCode = await someone('born at Stytch, without one')
  const midLogin = await someone('with a code in the mail')
  const address = { born: newAddress(), bornByCode: newAddress(), midLogin: newAddress() }

  await test.step('before the migration', async () => {
    for (const [person, email] of [
      [carried, 'ada@example.com'],
      [absent, 'grace@example.com'],
      [unverified, 'alan@example.com'],
    ] as const) {
      await haveLegacySession(person.context, email)
      await person.page.goto('/dashboard')
      await person.settle()
    }
  })

  await test.step('forward', async () => {
    await putPolicy(forward)
    await carried.page.goto('/dashboard')
    await expect(carriedOver(carried.page)).toBeVisible()
    await carried.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
    await signUp(born.page, address.born)
    await born.settle()
    await askForCode(bornByCode.page, address.bornByCode)
    await enterCode(bornByCode.page, address.bornByCode)
    await bornByCode.settle()
    await untilMirrored(address.born)
    await untilMirrored(address.bornByCode)
    await askForCode(midLogin.page, address.midLogin)
  })

  await test.step('back', async () => {
    await putPolicy(back)
    await stytch.forgetRequests()
    await carried.expectUndisturbed('stytch')
    await absent.expectUndisturbed('legacy')
    await unverified.expectUndisturbed('legacy')
    await born.expectUndisturbed('stytch')
    await bornByCode.expectUndisturbed('stytch')
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    // The code still opens what it was asked for, also after the page was loaded again.
    await midLogin.page.reload()
    await expect(midLogin.page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await enterCode(midLogin.page, address.midLogin)
    await midLogin.settle()
    await midLogin.expectUndisturbed('stytch')
  })

  const secondDevice = await someone('born at Stytch, with a password')
  const thirdDevice = await someone('born at Stytch, without one')
  await test.step('whoever was born at Stytch signs in on another device, at legacy, with the same password', async () => {
    await signInAtLegacy(secondDevice.page, address.born, goodPassword)
    await expect(notes(secondDevice.page)).toContainText(born.note)
    expect((await me(secondDevice.context)).body).toMatchObject({
      user: (await me(born.context)).body.user,
      session: { lane: 'legacy' },
    })
  })

  await test.step('and who chose none, with the one that the mail of the legacy provider lets them set', async () => {
    const mail = (await auth0.inbox()).findLast(({ to }) => to === address.bornByCode)
    const { page } = thirdDevice
    await page.goto(mail?.link ?? '')
    await page.getByLabel(/password/i).fill('set-by-the-mail-1')
    await page.getByRole('button').click()
    await expect(page.getByRole('heading', { name: 'Password changed' })).toBeVisible()
    await signInAtLegacy(page, address.bornByCode, 'set-by-the-mail-1')
    await expect(notes(page)).toContainText(bornByCode.note)
    expect((await me(thirdDevice.context)).body).toMatchObject({
      user: (await me(bornByCode.context)).body.user,
      session: { lane: 'legacy' },
    })
    // Their other device is not disturbed by it.
    await bornByCode.expectUndisturbed('stytch')
  })

  await test.step('forward again', async () => {
    await putPolicy(forward)
    for (const person of [carried, born, bornByCode, midLogin])
      await person.expectUndisturbed('stytch')
    await absent.page.goto('/dashboard')
    await expect(carriedOver(absent.page)).toBeVisible()
    await absent.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
    // A password proves no address, so that session stays where it is. A mailed code did: that one goes
    // over, to the very user that was born at Stytch.
    for (const [device, original, lane] of [
      [secondDevice, born, 'legacy'],
      [thirdDevice, bornByCode, 'stytch'],
    ] as const) {
      await device.page.goto('/dashboard')
      if (lane === 'stytch') await expect(carriedOver(device.page)).toBeVisible()
      await expect(notes(device.page)).toContainText(original.note)
      const { body } = await me(device.context)
      expect(body.user).toEqual((await me(original.context)).body.user)
      expect(body.session.lane).toBe(lane)
    }
    for (const email of [address.born, address.bornByCode])
      expect((await stytch.users()).filter((user) => user.email === email)).toHaveLength(1)
  })

  await test.step('and back once more', async () => {
    await putPolicy(back)
    for (const person of [carried, absent, born, bornByCode, midLogin])
      await person.expectUndisturbed('stytch')
    await unverified.expectUndisturbed('legacy')
  })

  const everybody = [
    carried,
    absent,
    unverified,
    born,
    bornByCode,
    midLogin,
    secondDevice,
    thirdDevice,
  ]
  for (const { context } of everybody) await context.close()
})

test('back and forth while the person is signed out: each time the login of the policy, and the same account', async ({
  page,
  context,
}) => {
  await signInAtAuth0(page, 'ada@example.com')
  await addNote(page, 'Always here')
  const { user } = (await me(context)).body
  for (const policy of [forward, back, forward] as const) {
    await page.goto('/dashboard')
    await button(page, 'Sign out').click()
    await page.waitForURL('/')
    await putPolicy(policy)
    if (policy === forward) {
      await page.goto('/dashboard')
      await page.getByRole('link', { name: 'Use a password' }).click()
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await button(page, 'Sign in').click()
      await page.waitForURL('/dashboard')
    } else await signInAtLegacy(page, 'ada@example.com', demoPassword)
    await expect(notes(page)).toContainText('Always here')
    expect((await me(context)).body).toMatchObject({
      user,
      session: { lane: policy === forward ? 'stytch' : 'legacy' },
    })
  }
})

test('ten flips in a row, with a person clicking along', async ({ page, context }) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  const { user } = (await me(context)).body
  let flipped = 0
  const written: string[] = []
  const flips = (async () => {
    for (; flipped < 10; flipped += 1) {
      // Not faster than the person clicks, however slow the machine is.
      await expect.poll(() => written.length).toBeGreaterThanOrEqual(Math.floor(flipped / 3))
      await putPolicy(flipped % 2 === 0 ? forward : back)
    }
  })()
  const lanes: string[] = []
  while (flipped < 10) {
    const text = `Note ${written.length + 1}`
    await addNote(page, text)
    written.push(text)
    await page.getByRole('link', { name: 'Cutover' }).first().click()
    await page.waitForURL('/')
    const response = await page.goto('/dashboard')
    expect(response?.status()).toBe(200)
    await expect(page).toHaveURL('/dashboard')
    lanes.push(response?.headers()['x-auth-lane'] ?? '')
  }
  await flips
  // Whoever leaves a page as quickly as that may not have been carried over so far.
  await putPolicy(forward)
  await page.goto('/dashboard')
  await expect(page.getByText('Signed in at').locator('..')).toContainText('Stytch')
  for (const text of written) await expect(notes(page)).toContainText(text)
  await expect(notes(page).getByRole('listitem')).toHaveCount(written.length)
  expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
  // Over once, and never back.
  expect(lanes.join(' ')).toMatch(/^(legacy ?)*(stytch ?)*$/)
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
})

test.describe('after a rollback, the dormant legacy session', () => {
  async function carriedBack(page: Page, context: BrowserContext) {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await addNote(page, 'Still mine')
    const { user } = (await me(context)).body
    await putPolicy(forward)
    await page.reload()
    await expect(carriedOver(page)).toBeVisible()
    await putPolicy(back)
    return user
  }
  async function expectOnLegacy(page: Page, context: BrowserContext, user: unknown) {
    const response = await page.goto('/dashboard')
    expect(response?.status()).toBe(200)
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'legacy' })
    await expect(page).toHaveURL('/dashboard')
    await expect(notes(page)).toContainText('Still mine')
    expect((await me(context)).body).toMatchObject({ user, session: { lane: 'legacy' } })
  }

  test('carries the person while Stytch is out of reach', async ({ page, context }) => {
    const user = await carriedBack(page, context)
    // The JWT has expired, and nobody answers for the session behind it.
    await moveClock(context, 20 * 60)
    await stytch.setFaults([{ path: '/*', drop: true }])
    try {
      await expectOnLegacy(page, context, user)
      await addNote(page, 'Written without Stytch')
    } finally {
      await stytch.clearFaults()
    }
    // And Stytch's session is there again when Stytch is.
    await expect(async () => {
      const response = await page.goto('/dashboard')
      expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    }).toPass()
    await expect(notes(page)).toContainText('Written without Stytch')
    expect((await me(context)).body.user).toEqual(user)
  })

  test('carries the person when the Stytch cookies are lost', async ({ page, context }) => {
    const user = await carriedBack(page, context)
    await context.clearCookies({ name: /^stytch_/ })
    await expectOnLegacy(page, context, user)
  })

  test('refuses to count again after a sign-out', async ({ page, context }) => {
    await carriedBack(page, context)
    const copy = (await context.cookies()).filter(({ name }) => name.startsWith('__session'))
    await page.goto('/dashboard')
    await button(page, 'Sign out').click()
    await page.waitForURL('/')
    await context.addCookies(copy)
    await page.goto('/dashboard')
    await expect(page).toHaveURL(/^[^?]*\/login\?/)
    expect((await me(context)).status).toBe(401)
  })
})

test('while the legacy provider is down, a rollback signs nobody out, and what was owed to it arrives later', async ({
  page,
  context,
  browser,
}) => {
  const legacy = new Person('on legacy', await newDevice(browser))
  await haveLegacySession(legacy.context, 'grace@example.com')
  await legacy.page.goto('/dashboard')
  await legacy.settle()
  const carried = new Person('carried over', page)
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  await carried.settle()
  await putPolicy(forward)
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()

  await auth0.setFaults([{ path: '/*', drop: true }])
  const email = newAddress()
  const born = new Person('born while it was down', await newDevice(browser))
  const stranger = await newDevice(browser)
  try {
    await signUp(born.page, email)
    await born.settle()
    await putPolicy(back)
    await legacy.expectUndisturbed('legacy')
    await carried.expectUndisturbed('stytch')
    await born.expectUndisturbed('stytch')
    // Whoever is signed out is told, on a page of ours.
    await stranger.goto('/dashboard')
    await expect(stranger.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
    expect(await mirrored(email)).not.toContain('created')
  } finally {
    await auth0.clearFaults()
  }
  await untilMirrored(email)
  await signInAtLegacy(stranger, email, goodPassword)
  await expect(notes(stranger)).toContainText(born.note)
  for (const each of [legacy.context, born.context, stranger.context()]) await each.close()
})
