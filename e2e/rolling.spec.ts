import { createServer } from 'node:http'
import type { Page } from '@playwright/test'
import { sealData, unsealData } from 'iron-session'
import { next, startNode } from '../sandbox/processes.ts'
import { appEnvironment, demoPassword, urls } from '../sandbox/settings.ts'
import { databaseUrl, proxiedUrl } from './environment.ts'
import { listen } from './listen.ts'
import { auth0, count, database, putPolicy, stytch, untilInForce } from './stand-ins.ts'
import {
  act,
  ask,
  type Credentials,
  expect,
  haveLegacySession,
  legacyCookies,
  me,
  signInAtAuth0,
  stytchCookies,
  test,
} from './test.ts'

/** Both logins live side by side, and each visitor sees one. */

type Rules = {
  percent?: number
  organizations?: string[]
  countries?: string[]
  ipRanges?: string[]
  minAppVersion?: string | null
}
/** Written out, as the app answers it: then the same policy is not put in force twice. */
const roll = (rules: Rules, carrySessions = true) =>
  putPolicy({
    cohort: {
      percent: 0,
      organizations: [],
      countries: [],
      ipRanges: [],
      minAppVersion: null,
      ...rules,
    },
    carrySessions,
    note: '',
  })

type Flow = 'stytch' | 'legacy'
type Flag = { visitorId: string; flow: Flow; pin: Flow | null; organization: string | null }
const password = appEnvironment.COOKIE_SECRET as string
const year = 365 * 24 * 60 * 60
const seal = (flag: Partial<Flag>, secret = password) =>
  sealData(
    { visitorId: crypto.randomUUID(), flow: 'legacy', pin: null, organization: null, ...flag },
    { password: secret, ttl: year },
  )
const open = (sealed: string) => unsealData<Flag>(sealed, { password, ttl: year })
/** As the app would have set it for a device that an operator pinned. */
const pinned = (pin: Flow) => seal({ flow: pin, pin })

/** The flag cookie that an answer sets, if it does. */
const newFlag = ({ headers }: { headers: Headers }): string | undefined =>
  headers
    .getSetCookie()
    .map((line) => /^auth_flow=([^;]*)/.exec(line)?.[1])
    .filter((value) => value !== undefined)
    .map((value) => decodeURIComponent(value))[0]

const shown = ({ text }: { text: string }): Flow | 'both' | 'none' => {
  const isLegacy = text.includes('Continue to sign in')
  const isStytch = text.includes('Email me a code')
  return isLegacy ? (isStytch ? 'both' : 'legacy') : isStytch ? 'stytch' : 'none'
}

/** What a client is told: the flow and why. */
const flowOf = async (asked: Parameters<typeof ask>[1] = {}) =>
  (await ask('/api/me', asked)).json().flow as { name: Flow; reason: string }

const asLegacy = (reason: string) => ({ name: 'legacy', reason })
const asStytch = (reason: string) => ({ name: 'stytch', reason })

/** A few at a time: the machine that runs this serves the app, too. */
async function each<In, Out>(list: In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  for (let at = 0; at < list.length; at += 12) {
    results.push(...(await Promise.all(list.slice(at, at + 12).map(work))))
  }
  return results
}

const carriedOver = (page: Page) => page.getByText('Your session was carried over to Stytch.')

/** What a stand-in was asked, but for its keys. */
const callsTo = async (standIn: typeof stytch | typeof auth0) =>
  (await standIn.requests())
    .map(({ path }) => path)
    .filter((path) => !/jwks|\.well-known/.test(path))
const forgetCalls = () => Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

test.describe('the percentage', () => {
  const crowd = 300
  /** Five standard deviations: chance alone leaves it once in a million runs. */
  const bounds = (percent: number): [number, number] => {
    const share = percent / 100
    const deviation = Math.sqrt(crowd * share * (1 - share))
    return [crowd * share - 5 * deviation, crowd * share + 5 * deviation]
  }

  test(`decides for ${crowd} visitors: 0, 25, 50, 100 and back, and each keeps what they have`, async () => {
    await roll({ percent: 0 })
    const flags = await each(Array.from({ length: crowd }), async () => {
      const answer = await ask('/login')
      expect(shown(answer)).toBe('legacy')
      return newFlag(answer) as string
    })
    const visitors = await Promise.all(flags.map(open))
    expect(new Set(visitors.map(({ visitorId }) => visitorId)).size).toBe(crowd)

    const inside = async () => {
      const flows = await each(flags, (auth_flow) => flowOf({ cookies: { auth_flow } }))
      for (const { reason } of flows) expect(reason).toBe('percent')
      return new Set(flags.filter((_, at) => flows[at]?.name === 'stytch'))
    }

    await roll({ percent: 25 })
    const quarter = await inside()
    const [fewest, most] = bounds(25)
    expect(quarter.size).toBeGreaterThan(fewest)
    expect(quarter.size).toBeLessThan(most)
    expect(await inside()).toEqual(quarter)

    await roll({ percent: 50 })
    const half = await inside()
    expect(half.size).toBeGreaterThan(bounds(50)[0])
    expect(half.size).toBeLessThan(bounds(50)[1])
    for (const each of quarter) expect(half.has(each)).toBe(true)

    await roll({ percent: 100 })
    expect((await inside()).size).toBe(crowd)
    await roll({ percent: 25 })
    expect(await inside()).toEqual(quarter)
    await roll({ percent: 0 })
    expect((await inside()).size).toBe(0)
  })

  test('the login page follows the policy with the next page, and the cookie with it, once', async () => {
    await roll({ percent: 0 })
    const first = await ask('/login')
    const flag = newFlag(first) as string
    expect(await open(flag)).toMatchObject({ flow: 'legacy', pin: null, organization: null })
    expect(first.headers.getSetCookie().find((line) => line.startsWith('auth_flow='))).toMatch(
      /; Path=\/;.*; HttpOnly; SameSite=lax$/i,
    )
    // Neither the id nor the flow can be read out of it.
    expect(flag).toMatch(/^Fe26\.2\*/)
    const second = await ask('/login', { cookies: { auth_flow: flag } })
    expect(newFlag(second)).toBeUndefined()

    await roll({ percent: 100 })
    const third = await ask('/login', { cookies: { auth_flow: flag } })
    expect(shown(third)).toBe('stytch')
    const replaced = newFlag(third) as string
    expect(await open(replaced)).toEqual({ ...(await open(flag)), flow: 'stytch' })
    const fourth = await ask('/login', { cookies: { auth_flow: replaced } })
    expect(shown(fourth)).toBe('stytch')
    expect(newFlag(fourth)).toBeUndefined()
    // An old one that comes again, from another tab, is corrected and not believed.
    expect(shown(await ask('/login', { cookies: { auth_flow: flag } }))).toBe('stytch')
  })

  test('in real browsers: one login each, and the same after a reload', async ({ browser }) => {
    const pages = await Promise.all(
      Array.from({ length: 4 }, async () =>
        (await browser.newContext({ baseURL: urls.app })).newPage(),
      ),
    )
    const seen: Record<number, string[]> = {}
    for (const percent of [0, 25, 50, 100]) {
      await roll({ percent })
      seen[percent] = []
      for (const page of pages) {
        await page.goto('/login')
        const flow = shown({ text: (await page.getByRole('main').textContent()) ?? '' })
        seen[percent].push(flow)
        expect((await me(page.context())).body.flow).toEqual({ name: flow, reason: 'percent' })
      }
    }
    expect(seen[0]).toEqual(Array(4).fill('legacy'))
    expect(seen[100]).toEqual(Array(4).fill('stytch'))
    await roll({ percent: 50 })
    for (const [at, page] of pages.entries()) {
      await page.reload()
      const text = (await page.getByRole('main').textContent()) ?? ''
      expect(shown({ text })).toBe(seen[50]?.[at])
      await page.context().close()
    }
  })

  test('lowering it ends no Stytch session', async ({ page, context }) => {
    await roll({ percent: 100 })
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await expect(carriedOver(page)).toBeVisible()
    const { user } = (await me(context)).body
    for (const percent of [25, 1, 0]) {
      await roll({ percent })
      const response = await page.goto('/dashboard')
      expect(response?.status()).toBe(200)
      expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    }
    const { body } = await me(context)
    expect(body).toMatchObject({ user, session: { lane: 'stytch' }, flow: asLegacy('percent') })
    // Only the next sign-in is another one.
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('/')
    await page.goto('/dashboard')
    await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
  })

  test('tabs and clients without a flag cookie are one visitor, for as long as they are signed in', async () => {
    // With half of all visitors inside, eight people who drew anew each time would not agree by chance.
    await roll({ percent: 50 }, false)
    for (let person = 0; person < 8; person += 1) {
      const email = `${crypto.randomUUID()}@example.com`
      await auth0.addUser(email)
      const bearer = await auth0.token(email)
      const first = await flowOf({ bearer })
      for (let call = 0; call < 3; call += 1) expect(await flowOf({ bearer })).toEqual(first)
      // A client that keeps cookies, as those of mobile platforms do, got one with its first call.
      const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
      const auth_flow = newFlag(door) as string
      expect(await flowOf({ bearer, cookies: { auth_flow } })).toEqual(first)
      expect(await flowOf({ cookies: { auth_flow } })).toEqual(first)
    }
    for (const email of ['ada@example.com', 'grace@example.com', 'alan@example.com']) {
      const cookies = await legacyCookies(email)
      const tabs = await Promise.all(
        Array.from({ length: 6 }, () => ask('/dashboard', { cookies })),
      )
      expect(new Set(tabs.map(({ status }) => status)).size).toBe(1)
      const ids = await Promise.all(tabs.map(async (tab) => open(newFlag(tab) as string)))
      expect(new Set(ids.map(({ visitorId }) => visitorId)).size).toBe(1)
    }
  })
})

test.describe('two lanes side by side', () => {
  test('each flow has its login, and each login its provider', async () => {
    await roll({ percent: 50 })
    const stytchDevice = { auth_flow: await pinned('stytch') }
    const legacyDevice = { auth_flow: await pinned('legacy') }
    await forgetCalls()
    for (let time = 0; time < 3; time += 1) {
      const both = await Promise.all([
        ask('/login', { cookies: stytchDevice }),
        ask('/login', { cookies: legacyDevice }),
      ])
      expect(both.map(shown)).toEqual(['stytch', 'legacy'])
    }
    expect([await callsTo(stytch), await callsTo(auth0)]).toEqual([[], []])

    const begun = await ask('/auth/login?returnTo=%2Fdashboard', { cookies: legacyDevice })
    expect(begun.headers.get('location')).toMatch(new RegExp(`^${urls.auth0}/authorize\\?`))
  })

  test('each session has its route: the headers say which, and no provider hears of the other’s', async () => {
    await roll({ percent: 50 })
    const onLegacy = {
      ...(await legacyCookies('grace@example.com')),
      auth_flow: await pinned('legacy'),
    }
    const toCarry = {
      ...(await legacyCookies('dorothy@globex.example')),
      auth_flow: await pinned('stytch'),
    }
    const onStytch = {
      ...(await stytchCookies('ada@example.com')),
      auth_flow: await pinned('legacy'),
    }
    const anonymous = { auth_flow: await pinned('stytch') }
    for (const cookies of [onLegacy, toCarry, onStytch]) await ask('/dashboard', { cookies })
    await forgetCalls()
    for (const [cookies, lane, reason, status] of [
      [onLegacy, 'legacy', 'legacy_session', 200],
      [toCarry, 'legacy', 'legacy_session_carried_over', 200],
      [onStytch, 'stytch', 'stytch_session', 200],
      [anonymous, 'anonymous', 'no_session', 307],
    ] as const) {
      const answer = await ask('/dashboard', { cookies })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('x-auth-lane')).toBe(lane)
      expect(answer.headers.get('x-auth-reason')).toBe(reason)
    }
    expect([await callsTo(stytch), await callsTo(auth0)]).toEqual([[], []])
  })

  test('two people sign in at once, one at each', async ({ browser }) => {
    await roll({ percent: 50 })
    const [one, other] = await Promise.all(
      (['stytch', 'legacy'] as const).map(async (pin) => {
        const context = await browser.newContext({ baseURL: urls.app })
        await context.addCookies([{ name: 'auth_flow', value: await pinned(pin), url: urls.app }])
        return context.newPage()
      }),
    )
    if (!one || !other) throw new Error('no pages')
    await forgetCalls()
    await Promise.all([one.goto('/dashboard'), other.goto('/dashboard')])
    await other.getByRole('link', { name: 'Continue to sign in' }).click()
    await other.getByLabel('Email address').fill('grace@example.com')
    await other.getByLabel('Password', { exact: true }).fill(demoPassword)
    await one.getByRole('link', { name: 'Use a password' }).click()
    await one.getByLabel('Email address').fill('ada@example.com')
    await one.getByLabel('Password', { exact: true }).fill(demoPassword)
    await one.getByRole('button', { name: 'Sign in', exact: true }).click()
    await other.getByRole('button', { name: 'Continue', exact: true }).click()
    for (const [page, lane, email] of [
      [one, 'stytch', 'ada@example.com'],
      [other, 'legacy', 'grace@example.com'],
    ] as const) {
      await page.waitForURL('/dashboard')
      expect((await me(page.context())).body).toMatchObject({ user: { email }, session: { lane } })
      await page.context().close()
    }
    expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    expect(await count(auth0, 'POST', '/oauth/token')).toBe(1)
  })
})

test.describe('visitors outside the cohort', () => {
  /** All but what is said for developers: the inspector of the sandbox, and the data in the scripts. */
  const essence = ({
    status,
    headers,
    text,
  }: {
    status: number
    headers: Headers
    text: string
  }) => ({
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
    body: text
      .replace(/<aside aria-label="Request inspector".*?<\/aside>/gs, '')
      .replace(/<script\b.*?<\/script>/gs, '')
      .replace(/"reason":"\w+"\},"policyVersion":\d+/, '')
      .replace(/(state|nonce|code_challenge)=[\w-]+/g, '$1'),
  })

  test('notice nothing: every answer is, byte for byte, what it was before the migration', async () => {
    const cookies = {
      ...(await legacyCookies('grace@example.com')),
      auth_flow: await pinned('legacy'),
    }
    const stranger = { auth_flow: await pinned('legacy') }
    const bearer = await auth0.token('grace@example.com')
    const questions: [string, Parameters<typeof ask>[1]][] = [
      ['/dashboard', { cookies }],
      ['/dashboard?from=a%20link', { cookies: stranger }],
      ['/login?returnTo=%2Fdashboard', { cookies: stranger }],
      ['/login', { cookies }],
      ['/control', { cookies }],
      ['/nowhere', { cookies }],
      ['/api/me', { cookies }],
      ['/api/me', { bearer }],
      ['/api/me', { cookies: stranger }],
      ['/dashboard', { cookies, headers: { 'next-router-prefetch': '1', rsc: '1' } }],
      ['/dashboard', { cookies: stranger, headers: { 'next-router-prefetch': '1', rsc: '1' } }],
    ]
    const answers = async () => {
      const list = []
      for (const [path, asked] of questions) list.push(essence(await ask(path, asked)))
      return list
    }
    await answers()
    const before = await answers()
    // They would differ if they did.
    expect(new Set(before.map(({ body }) => body)).size).toBeGreaterThan(6)
    await roll({ percent: 0, countries: ['NZ'], ipRanges: ['0.0.0.0/0', '::/0'] })
    await forgetCalls()
    const during = await answers()
    for (const [at, answer] of during.entries()) {
      expect(answer, JSON.stringify(questions[at])).toEqual(before[at])
    }
    expect(await callsTo(stytch)).toEqual([])
  })

  test('are not carried over, whatever they call', async () => {
    await roll({ percent: 0 })
    const cookies = await legacyCookies('ada@example.com')
    const bearer = await auth0.token('ada@example.com')
    await forgetCalls()
    const action = await act('migrateSession', '/dashboard', { cookies })
    expect(action.result).toMatchObject({ result: 'refused', reason: 'legacy_session' })
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(409)
    expect(door.json().error.code).toBe('not_in_cohort')
    expect(await callsTo(stytch)).toEqual([])
  })
})

test.describe('inside the cohort, a live legacy session', () => {
  test.beforeEach(async ({ context }) => {
    await context.addCookies([{ name: 'auth_flow', value: await pinned('stytch'), url: urls.app }])
    await haveLegacySession(context, 'ada@example.com')
  })

  test('is carried over, if the operator chose that', async ({ page, context }) => {
    await page.goto('/dashboard')
    const { user } = (await me(context)).body
    await roll({ percent: 0 }, true)
    const response = await page.reload()
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'legacy' })
    await expect(carriedOver(page)).toBeVisible()
    expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
  })

  test('is asked to sign in, if the operator chose that; the neighbour on legacy is not', async ({
    page,
    context,
    browser,
  }) => {
    const neighbour = await browser.newContext({ baseURL: urls.app })
    await neighbour.addCookies([
      { name: 'auth_flow', value: await pinned('legacy'), url: urls.app },
    ])
    await haveLegacySession(neighbour, 'grace@example.com')
    await page.goto('/dashboard')
    const { user } = (await me(context)).body
    await roll({ percent: 50 }, false)
    await page.reload()
    await expect(page).toHaveURL(/\/login\?.*reason=legacy_session_not_accepted/)
    await expect(page.getByText('Sign-in has changed')).toBeVisible()
    const theirs = await neighbour.newPage()
    expect((await theirs.goto('/dashboard'))?.headers()).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session',
    })
    await expect(theirs).toHaveURL('/dashboard')
    await neighbour.close()

    await page.getByRole('link', { name: 'Use a password' }).click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('/dashboard')
    expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  })
})

test.describe('versions of a mobile app', () => {
  const door = (bearer: string, version: string) =>
    ask('/api/sessions/migrate', {
      method: 'POST',
      bearer,
      headers: { 'x-app-version': version },
    })

  test('old ones stay on legacy, newer ones go on', async () => {
    await roll({ percent: 100, minAppVersion: '4.2.0' })
    const bearer = await auth0.token('ada@example.com')
    const old = ['4.1.9', '4.1', '3', 'v4.1.99', 'nightly', '99999999999999999999.0.0']
    for (const version of old) {
      const answer = await ask('/api/me', { bearer, headers: { 'x-app-version': version } })
      expect(answer.status, version).toBe(200)
      expect(answer.json(), version).toMatchObject({
        session: { lane: 'legacy' },
        flow: asLegacy('app_version'),
      })
      const refused = await door(bearer, version)
      expect(refused.status, version).toBe(409)
      expect(refused.json().error.code).toBe('not_in_cohort')
    }
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    for (const version of ['4.2.0', '4.2', 'v4.2.1', '5.0.0-beta.1', '10.0.0']) {
      const answer = await ask('/api/me', { bearer, headers: { 'x-app-version': version } })
      expect(answer.json(), version).toMatchObject({ flow: asStytch('percent') })
      expect((await door(bearer, version)).status, version).toBe(200)
    }
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
    // A browser says no version, and is not meant.
    expect(await flowOf()).toEqual(asStytch('percent'))
  })

  test('old ones keep their session though it is not accepted from newer ones', async () => {
    await roll({ percent: 100, minAppVersion: '4.2.0' }, false)
    const bearer = await auth0.token('ada@example.com')
    const as = (version: string) =>
      ask('/api/me', { bearer, headers: { 'x-app-version': version } })
    expect((await as('4.1.9')).status).toBe(200)
    const newer = await as('4.2.0')
    expect(newer.status).toBe(401)
    expect(newer.json().error.code).toBe('legacy_session_not_accepted')
  })

  test('refuses a version as a way in: it opens nothing', async () => {
    await roll({ percent: 100, minAppVersion: '4.2.0' })
    for (const version of ['1.0.0', '99.0.0']) {
      expect((await ask('/api/me', { headers: { 'x-app-version': version } })).status).toBe(401)
    }
  })
})

test.describe('a pin', () => {
  test('holds one device on a flow, against the percentage, and through policies that overrule it', async () => {
    for (const [pin, percent] of [
      ['stytch', 0],
      ['legacy', 100],
    ] as const) {
      let auth_flow = await pinned(pin)
      await roll({ percent })
      expect(await flowOf({ cookies: { auth_flow } })).toEqual({ name: pin, reason: 'pin' })
      expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe(pin)

      await putPolicy(pin === 'stytch' ? 'before-the-migration' : 'zero-downtime')
      const overruled = await ask('/login', { cookies: { auth_flow } })
      expect(shown(overruled)).toBe(pin === 'stytch' ? 'legacy' : 'stytch')
      auth_flow = newFlag(overruled) as string
      expect(await open(auth_flow)).toMatchObject({ pin })
      await roll({ percent })
      expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe(pin)
    }
  })
})

test.describe('an organization', () => {
  const membership = (slug: 'acme' | 'globex') => ({
    org_id: slug === 'acme' ? 'org_acme000000000001' : 'org_globex0000000001',
    org_name: slug,
  })
  const memberToken = (email: string, slug: 'acme' | 'globex') =>
    auth0.token(email, { claims: membership(slug) })
  const memberCookies = async (email: string, slug: 'acme' | 'globex') =>
    legacyCookies(email, { accessToken: await memberToken(email, slug) })

  test('goes over as a whole; others, and the same person without it, do not', async () => {
    await roll({ percent: 0, organizations: ['acme'] })
    const barbara = await memberCookies('barbara@acme.example', 'acme')
    const page = await ask('/dashboard', { cookies: barbara })
    expect(page.headers.get('x-auth-reason')).toBe('legacy_session_carried_over')
    expect(await flowOf({ cookies: barbara })).toEqual(asStytch('organization'))
    expect(await flowOf({ bearer: await memberToken('claude@acme.example', 'acme') })).toEqual(
      asStytch('organization'),
    )
    expect(
      await flowOf({ cookies: await memberCookies('dorothy@globex.example', 'globex') }),
    ).toEqual(asLegacy('percent'))
    expect(await flowOf({ cookies: await legacyCookies('barbara@acme.example') })).toEqual(
      asLegacy('percent'),
    )

    await test.step('and is remembered by the device, for the next sign-in', async () => {
      const auth_flow = newFlag(page) as string
      expect(await open(auth_flow)).toMatchObject({ organization: 'acme', flow: 'stytch' })
      expect(await flowOf({ cookies: { auth_flow } })).toEqual(asStytch('organization'))
      expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe('stytch')
    })

    await test.step('and outlives being carried over', async () => {
      const auth_flow = newFlag(page) as string
      const action = await act('migrateSession', '/dashboard', {
        cookies: { ...barbara, auth_flow },
      })
      expect(action.result).toMatchObject({ result: 'migrated' })
      const session = Object.fromEntries(
        action.sessionCookies.map((line) => line.split(';', 1)[0]?.split('=') as [string, string]),
      )
      const cookies = { ...barbara, ...session, auth_flow }
      expect((await ask('/api/me', { cookies })).json()).toMatchObject({
        session: { lane: 'stytch' },
        flow: asStytch('organization'),
      })
    })
  })

  for (const [email, lane] of [
    ['barbara@acme.example', 'stytch'],
    ['dorothy@globex.example', 'legacy'],
    ['grace@example.com', 'legacy'],
  ] as const) {
    test(`${email} signs in at Auth0, and is on the ${lane} lane when acme moves`, async ({
      page,
      context,
    }) => {
      await signInAtAuth0(page, email)
      await roll({ percent: 0, organizations: ['acme'] })
      await page.reload()
      if (lane === 'stytch') await expect(carriedOver(page)).toBeVisible()
      expect((await me(context)).body).toMatchObject({
        user: { email },
        session: { lane },
        flow: lane === 'stytch' ? asStytch('organization') : asLegacy('percent'),
      })
      const sessions = (await stytch.users()).find((user) => user.email === email)?.sessions ?? 0
      expect(sessions).toBe(lane === 'stytch' ? 1 : 0)
    })
  }

  test('is never split by the percentage, on however many devices', async () => {
    for (const percent of [30, 50, 70]) {
      await roll({ percent })
      for (const [slug, emails] of [
        ['acme', ['barbara@acme.example', 'claude@acme.example', 'ada@example.com']],
        ['globex', ['dorothy@globex.example', 'grace@example.com', 'alan@example.com']],
      ] as const) {
        const seen = new Set<string>()
        for (const email of emails) {
          seen.add((await flowOf({ bearer: await memberToken(email, slug) })).name)
          // A device that was somebody else's before: it is another visitor's.
          for (let device = 0; device < 4; device += 1) {
            const cookies = { ...(await memberCookies(email, slug)), auth_flow: await seal({}) }
            seen.add((await flowOf({ cookies })).name)
          }
        }
        expect(seen.size, `${slug} at ${percent}`).toBe(1)
      }
    }
  })

  test('refuses to believe a visitor who only says so', async () => {
    await roll({ percent: 0, organizations: ['acme'] })
    const sealedElsewhere = await seal(
      { organization: 'acme' },
      'another secret, long enough to seal with',
    )
    const forged = await auth0.token('grace@example.com', {
      claims: membership('acme'),
      signWith: 'stranger',
    })
    for (const asked of [
      { cookies: { auth_flow: sealedElsewhere } },
      { cookies: { organization: 'acme', org_id: 'org_acme000000000001' } },
      { headers: { 'x-organization': 'acme', 'x-cutover-organization': 'acme' } },
      { bearer: forged },
    ] as (Credentials & { headers?: Record<string, string> })[]) {
      expect(await flowOf(asked), JSON.stringify(asked).slice(0, 60)).toEqual(asLegacy('percent'))
    }
    const query = await ask('/login?organization=acme&org_id=org_acme000000000001')
    expect(shown(query)).toBe('legacy')
  })
})

/** Ranges that hold this machine too: what Next itself writes down of a connection must not count either. */
const placeRules = {
  percent: 0,
  countries: ['NZ'],
  ipRanges: ['203.0.113.0/24', '2001:db8::/32', '127.0.0.0/8', '::1/128'],
}
const inRange = '203.0.113.9'

test.describe('without a declared proxy', () => {
  const attacks: [string, Record<string, string>][] = [
    ['no header at all', {}],
    ['X-Forwarded-For', { 'x-forwarded-for': inRange }],
    [
      'X-Forwarded-For with several hops',
      { 'x-forwarded-for': `${inRange}, ${inRange}, 10.0.0.1` },
    ],
    ['X-Forwarded-For, IPv6', { 'x-forwarded-for': '2001:db8::1' }],
    ['X-Forwarded-For, IPv4-mapped', { 'x-forwarded-for': `::ffff:${inRange}` }],
    ['X-Forwarded-For with this machine', { 'x-forwarded-for': '127.0.0.1' }],
    ['X-Real-IP', { 'x-real-ip': inRange }],
    ['Forwarded', { forwarded: `for=${inRange}` }],
    ['headers of clouds', { 'cf-connecting-ip': inRange, 'true-client-ip': inRange }],
    ['the header of the other app', { 'x-geo-country': 'NZ' }],
    ['country headers of clouds', { 'cf-ipcountry': 'NZ', 'x-vercel-ip-country': 'NZ' }],
    ['internal headers', { 'x-cutover-ip': inRange, 'x-cutover-country': 'NZ' }],
  ]
  for (const [name, headers] of attacks) {
    test(`refuses to believe where a client says it is: ${name}`, async () => {
      await roll(placeRules)
      expect(await flowOf({ headers })).toEqual(asLegacy('percent'))
      expect(shown(await ask('/login', { headers }))).toBe('legacy')
      const bearer = await auth0.token('ada@example.com')
      const door = await ask('/api/sessions/migrate', { method: 'POST', bearer, headers })
      expect(door.status).toBe(409)
    })
  }
})

test.describe('behind a declared proxy', () => {
  test.beforeEach(async () => {
    await untilInForce(await roll(placeRules), proxiedUrl)
  })

  const from = (headers: Record<string, string>) => flowOf({ base: proxiedUrl, headers })

  test('counts what the proxy says', async () => {
    // The proxy adds the address in any case.
    for (const [name, headers, flow] of [
      ['an address in a range', { 'x-forwarded-for': inRange }, asStytch('ip_range')],
      ['one outside', { 'x-forwarded-for': '198.51.100.7' }, asLegacy('percent')],
      ['IPv6', { 'x-forwarded-for': '2001:db8::1' }, asStytch('ip_range')],
      ['IPv6 outside', { 'x-forwarded-for': '2001:db9::1' }, asLegacy('percent')],
      ['IPv4-mapped', { 'x-forwarded-for': `::ffff:${inRange}` }, asStytch('ip_range')],
      ['with its port', { 'x-forwarded-for': `${inRange}:4123` }, asStytch('ip_range')],
      ['IPv6 with its port', { 'x-forwarded-for': '[2001:db8::1]:4123' }, asStytch('ip_range')],
      [
        'IPv4-mapped in hexadecimal',
        { 'x-forwarded-for': '::ffff:cb00:7109' },
        asStytch('ip_range'),
      ],
      [
        'what a proxy added to an empty header',
        { 'x-forwarded-for': `, ${inRange}` },
        asStytch('ip_range'),
      ],
      ['a country', { 'x-geo-country': 'NZ' }, asStytch('country')],
      ['a country in small letters', { 'x-geo-country': 'nz' }, asStytch('country')],
      ['another country', { 'x-geo-country': 'DE' }, asLegacy('percent')],
      [
        'the address before the country',
        { 'x-forwarded-for': inRange, 'x-geo-country': 'NZ' },
        asStytch('ip_range'),
      ],
    ] as [string, Record<string, string>, object][])
      expect(await from({ 'x-forwarded-for': '198.51.100.7', ...headers }), name).toEqual(flow)
  })

  for (const [name, headers] of [
    ['a hop in front of the proxy’s', { 'x-forwarded-for': `${inRange}, 198.51.100.7` }],
    ['many hops in front', { 'x-forwarded-for': `${Array(50).fill(inRange)}, 198.51.100.7` }],
    ['an IPv6 hop in front', { 'x-forwarded-for': '2001:db8::1, 198.51.100.7' }],
    ['an IPv4-mapped hop in front', { 'x-forwarded-for': `::ffff:${inRange},198.51.100.7` }],
    ['a range', { 'x-forwarded-for': '203.0.113.0/24' }],
    ['two addresses without a comma', { 'x-forwarded-for': `198.51.100.7 ${inRange}` }],
    ['no address', { 'x-forwarded-for': 'unknown' }],
    ['nothing at the end', { 'x-forwarded-for': `${inRange}, ` }],
    ['another header for the address', { 'x-real-ip': inRange, 'cf-connecting-ip': inRange }],
    ['another header for the country', { 'cf-ipcountry': 'NZ', 'x-vercel-ip-country': 'NZ' }],
    ['a country beside that of the proxy', { 'x-geo-country': 'NZ, DE' }],
  ] as [string, Record<string, string>][]) {
    test(`refuses what a client puts there: ${name}`, async () => {
      expect(await from({ 'x-forwarded-for': '198.51.100.7', ...headers })).toEqual(
        asLegacy('percent'),
      )
    })
  }

  test('shows the login, carries the session over, and signs nobody in by a place', async () => {
    const there = { 'x-forwarded-for': inRange }
    const login = await ask('/login', { base: proxiedUrl, headers: there })
    expect(shown(login)).toBe('stytch')
    expect(await open(newFlag(login) as string)).toMatchObject({ flow: 'stytch' })
    const elsewhere = { 'x-forwarded-for': '198.51.100.7' }
    expect(shown(await ask('/login', { base: proxiedUrl, headers: elsewhere }))).toBe('legacy')

    const bearer = await auth0.token('ada@example.com')
    const migrate = (headers: Record<string, string>) =>
      ask('/api/sessions/migrate', { base: proxiedUrl, method: 'POST', bearer, headers })
    expect((await migrate(elsewhere)).status).toBe(409)
    expect((await migrate(there)).status).toBe(200)
    expect((await ask('/api/me', { base: proxiedUrl, headers: there })).status).toBe(401)
    // A traveller keeps the session that they have.
    const cookies = await stytchCookies('ada@example.com')
    const abroad = await ask('/dashboard', { base: proxiedUrl, cookies, headers: elsewhere })
    expect(abroad.headers.get('x-auth-lane')).toBe('stytch')
  })
})

test.describe('the flag cookie', () => {
  test('survives whatever a browser may send in its place, and is set anew', async () => {
    await roll({ percent: 0 })
    const good = await pinned('stytch')
    const bad: [string, string][] = [
      ['nothing', 'auth_flow='],
      ['garbage', 'auth_flow=%00%ff{"pin":"stytch"}'],
      ['text', 'auth_flow=stytch'],
      ['a seal cut off', `auth_flow=${good.slice(0, -20)}`],
      ['a seal cut in half', `auth_flow=${good.slice(0, good.length / 2)}`],
      [
        'a foreign seal',
        `auth_flow=${await seal({ pin: 'stytch' }, 'another secret, long enough to seal with')}`,
      ],
      ['a very long one', `auth_flow=${'x'.repeat(6_000)}`],
      ['garbage twice', 'auth_flow=a; auth_flow=b'],
      ['a good one, then garbage', `auth_flow=${good}; auth_flow=garbage`],
    ]
    for (const [name, cookies] of bad) {
      const page = await ask('/login', { cookies })
      expect(page.status, name).toBe(200)
      expect(shown(page), name).toBe('legacy')
      expect(await open(newFlag(page) as string), name).toMatchObject({ flow: 'legacy', pin: null })
      expect((await ask('/api/me', { cookies })).status, name).toBe(401)
    }
    // It is a good one that counts, so the others could have.
    expect(shown(await ask('/login', { cookies: { auth_flow: good } }))).toBe('stytch')
  })

  test('in a browser, is not for scripts, and comes with requests of this site', async ({
    page,
    context,
  }) => {
    await roll({ percent: 50 })
    await page.goto('/login')
    const cookie = (await context.cookies()).find(({ name }) => name === 'auth_flow')
    expect(cookie).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
      secure: false,
      path: '/',
      domain: 'localhost',
    })
    expect(cookie?.expires).toBeGreaterThan(Date.now() / 1_000 + 300 * 24 * 3_600)
    expect(await page.evaluate(() => document.cookie)).not.toContain('auth_flow')
    expect(await page.content()).not.toContain(
      (await open(decodeURIComponent(cookie?.value ?? ''))).visitorId,
    )
  })

  test('refuses to be somebody: one that was copied changes the login and never the person', async () => {
    await roll({ percent: 0 })
    const graces = {
      ...(await legacyCookies('grace@example.com')),
      auth_flow: await pinned('stytch'),
    }
    const adas = await stytchCookies('ada@example.com')
    const ada = (await ask('/api/me', { cookies: adas })).json().user
    const copied = { ...adas, auth_flow: graces.auth_flow }
    expect((await ask('/api/me', { cookies: copied })).json()).toMatchObject({
      user: ada,
      flow: asStytch('pin'),
    })
    const alone = { auth_flow: graces.auth_flow }
    expect((await ask('/api/me', { cookies: alone })).status).toBe(401)
    const page = await ask('/dashboard', { cookies: alone })
    expect(page.status).toBe(307)
    expect(shown(await ask('/login', { cookies: alone }))).toBe('stytch')
  })

  test('refuses whoever draws again and again by deleting it: it opens nothing', async () => {
    await roll({ percent: 50 })
    await forgetCalls()
    const flows = new Set<string>()
    for (let time = 0; time < 24; time += 1) {
      const answer = await ask('/api/me')
      expect(answer.status).toBe(401)
      flows.add(answer.json().flow.name)
      const page = await ask('/dashboard')
      expect(page.status).toBe(307)
      expect(page.sessionCookies).toEqual([])
    }
    // Both logins are shown to strangers; being shown one is no right.
    expect(flows).toEqual(new Set(['stytch', 'legacy']))
    expect([await callsTo(stytch), await callsTo(auth0)]).toEqual([[], []])
    // And who has a session is told by that.
    const cookies = await legacyCookies('grace@example.com')
    const drawn = new Set<string>()
    for (let time = 0; time < 12; time += 1) drawn.add((await flowOf({ cookies })).name)
    expect(drawn.size).toBe(1)
  })
})

test.describe('while the source of the policy is away', () => {
  test('the last known policy stays, at the edge and behind it', async () => {
    const version = await roll({ percent: 100 })
    const stytchJwt = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
    await ask('/api/me', { bearer: stytchJwt })
    await database.setUp(false)
    try {
      // Longer than the policy is remembered without asking again.
      for (const deadline = Date.now() + 4_000; Date.now() < deadline; ) {
        const [edge, node] = await Promise.all([
          ask('/api/me'),
          ask('/api/me', { bearer: stytchJwt }),
        ])
        for (const answer of [edge, node]) {
          expect(answer.json()).toMatchObject({ policyVersion: version, flow: asStytch('percent') })
        }
        expect(shown(await ask('/login'))).toBe('stytch')
      }
    } finally {
      await database.setUp(true)
    }
  })
})

test.describe('a cold start', () => {
  /** A further app, which has asked nobody anything yet. */
  async function startApp(environment: Record<string, string>) {
    const app = startNode('app', [next, 'start', '-p', '0', '-H', 'localhost'], {
      env: {
        ...process.env,
        ...appEnvironment,
        AUTH0_MANAGEMENT_CLIENT_ID: '',
        AUTH0_MANAGEMENT_CLIENT_SECRET: '',
        NODE_ENV: 'production',
        DATABASE_URL: databaseUrl,
        ...environment,
      },
    })
    await expect.poll(() => app.output(), { timeout: 20_000 }).toMatch(/localhost:\d+/)
    return { base: `http://${/localhost:\d+/.exec(app.output())?.[0]}`, stop: app.stop }
  }

  test('without the source of the policy is legacy, until it has answered once; what it said then stays', async () => {
    const policy = { cohort: 'everybody', carrySessions: true, note: '', version: 7 }
    const source = createServer((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(policy))
    })
    const close = () =>
      new Promise((resolve) => {
        source.close(resolve)
        source.closeAllConnections()
      })
    const port = await listen(source)
    await close()

    const { base, stop } = await startApp({ POLICY_URL: `http://localhost:${port}/policy` })
    try {
      const bearer = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
      /** At the edge and behind it. */
      const seen = async () => {
        const answers = await Promise.all([
          ask('/api/me', { base }),
          ask('/api/me', { base, bearer }),
        ])
        return answers.map((answer) => answer.json() as { flow: object; policyVersion: number })
      }
      const cold = { flow: asLegacy('nobody'), policyVersion: 0 }
      expect(await seen()).toMatchObject([cold, cold])
      expect(shown(await ask('/login', { base }))).toBe('legacy')

      await listen(source, port)
      const known = { flow: asStytch('everybody'), policyVersion: 7 }
      await expect.poll(seen).toMatchObject([known, known])
      await close()
      for (const deadline = Date.now() + 4_000; Date.now() < deadline; ) {
        expect(await seen()).toMatchObject([known, known])
      }
    } finally {
      await stop()
      await close()
    }
  })

  test('while the legacy provider is down: its login leads to a page that says so', async () => {
    const { base, stop } = await startApp({})
    await auth0.setFaults([{ path: '/*', status: 503 }])
    try {
      const begun = await ask('/auth/login?returnTo=%2Fdashboard%3Fa%3D1', { base })
      expect(begun.status).toBe(307)
      const { pathname, search } = new URL(begun.headers.get('location') ?? '')
      expect(pathname + search).toBe(
        `/login?${new URLSearchParams({ problem: 'legacy_sign_in_failed', returnTo: '/dashboard?a=1' })}`,
      )
      const said = await ask(pathname + search, { base })
      expect(said.status).toBe(200)
      expect(said.text).toContain('Signing in did not work')
      expect(shown(said)).toBe('legacy')
    } finally {
      await auth0.clearFaults()
      await stop()
    }
  })
})
