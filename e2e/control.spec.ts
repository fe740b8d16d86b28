import { createServer } from 'node:http'
import type { BrowserContext, Page } from '@playwright/test'
import { next, startNode, stopAll } from '../sandbox/processes.ts'
import { appEnvironment, urls } from '../sandbox/settings.ts'
import { databaseUrl } from './environment.ts'
import { listen } from './listen.ts'
import { auth0, database, putPolicy, stytch, untilInForce } from './stand-ins.ts'
import { act, ask, expect, legacyCookies, me, stytchCookies, test } from './test.ts'

/** The control room: what an operator sees there, what they can do, and nobody else. */

const ada = 'ada@example.com'
const main = (page: Page) => page.getByRole('main')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const choice = (page: Page, name: string) =>
  page.getByRole('radio', { name: new RegExp(`^${name}`) })

const rolling = (over: object = {}, more: object = {}) => ({
  cohort: {
    percent: 10,
    organizations: [],
    countries: [],
    ipRanges: [],
    minAppVersion: null,
    ...over,
  },
  carrySessions: true,
  note: '',
  ...more,
})

type Row = { version: number; document: object; author: string }
async function latest(): Promise<Row> {
  const rows = await database.query<Row>(
    'select version, document, author from policies order by version desc limit 1',
  )
  // Nobody put the first version in force.
  return rows[0] ?? { version: 1, document: {}, author: '' }
}

/** Signed in at Stytch: such a session is good under every policy. */
async function haveStytchSession(context: BrowserContext, email = ada): Promise<void> {
  const cookies = Object.entries(await stytchCookies(email))
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: urls.app })))
}

/** From the preview on. */
async function confirm(page: Page, name = 'Put in force'): Promise<void> {
  await button(page, name).click()
  await expect(main(page).getByRole('status')).toContainText('is the policy in force')
}

test.beforeEach(async ({ context }) => {
  for (const table of ['lane_counts', 'mirror_samples'])
    await database.query(`delete from ${table}`)
  await haveStytchSession(context)
})

test.describe('the dials', () => {
  test('rules: each ends in the policy that is in force', async ({ page }) => {
    const before = await latest()
    await page.goto('/control/policy')
    await choice(page, 'By rules').check()
    await page.getByLabel('Percentage', { exact: true }).fill('12.5')
    await page.getByLabel(/^Minimum app version/).fill('4.2.0')
    await page.getByLabel(/^Organizations/).fill('acme\nglobex, acme')
    await page.getByLabel(/^IP ranges/).fill('203.0.113.0/24\n2001:db8::/32')
    await page.getByLabel(/^Countries/).fill('nz, AU')
    await choice(page, 'Sign in again').check()
    await page.getByLabel(/^Note/).fill('First the friendly ones')
    await button(page, 'Preview the change').click()

    await expect(main(page)).toContainText(
      'About 12.5% of visitors, 2 organizations, 2 countries and 2 IP ranges get the Stytch login',
    )
    expect(await latest()).toEqual(before)
    await confirm(page)
    expect(await latest()).toEqual({
      version: before.version + 1,
      author: ada,
      document: {
        cohort: {
          percent: 12.5,
          organizations: ['acme', 'globex'],
          countries: ['NZ', 'AU'],
          ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
          minAppVersion: '4.2.0',
        },
        carrySessions: false,
        note: 'First the friendly ones',
      },
    })
    await expect(main(page)).toContainText(`by ${ada}`)
    await expect(main(page)).toContainText('Note: First the friendly ones')
    const [event] = await database.query(
      `select subject, result, reason, policy_version as version from events
       where kind = 'policy' order by id desc limit 1`,
    )
    expect(event).toEqual({
      subject: ada,
      result: 'changed',
      reason: 'rolling',
      version: before.version + 1,
    })
  })

  for (const [name, cohort, carry, document] of [
    ['zero-downtime', 'Everybody', 'Carry them over', { cohort: 'everybody', carrySessions: true }],
    ['all-at-once', 'Everybody', 'Sign in again', { cohort: 'everybody', carrySessions: false }],
    ['nobody', 'Nobody', null, { cohort: 'nobody', carrySessions: false }],
  ] as const) {
    test(`${name}: by hand`, async ({ page }) => {
      await putPolicy(rolling({ percent: 77 }))
      await page.goto('/control/policy')
      await choice(page, cohort).check()
      if (carry) await choice(page, carry).check()
      else await expect(choice(page, 'Sign in again')).toBeHidden()
      await expect(page.getByLabel('Percentage', { exact: true })).toBeHidden()
      await button(page, 'Preview the change').click()
      await confirm(page, cohort === 'Nobody' ? 'Yes, roll back' : 'Put in force')
      expect((await latest()).document).toEqual({ ...document, note: '' })
    })
  }

  test('the slider writes into the number', async ({ page }) => {
    await putPolicy(rolling())
    await page.goto('/control/policy')
    await page.getByLabel('Percentage, as a slider').focus()
    for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowRight')
    await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('15')
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText('goes up from 10 to 15: about 5% of visitors join')
    await confirm(page)
    expect((await latest()).document).toEqual(rolling({ percent: 15 }))
  })

  test('names every wrong field at the field and in a summary, and keeps what was typed', async ({
    page,
  }) => {
    await putPolicy(rolling())
    const before = await latest()
    await page.goto('/control/policy')
    const wrong = [
      ['Percentage', '101', /from 0 to 100/],
      ['Minimum app version', '4.2', /three numbers/],
      ['IP ranges', '10.0.0.0/8\n10.0.0.0/99', /“10.0.0.0\/99” is not/],
      ['Countries', 'NZ, Narnia', /“NARNIA” is not/],
      ['Organizations', `acme, ${'o'.repeat(129)}`, /has more/],
      ['Note', 'x'.repeat(501), /500 characters/],
    ] as const
    const field = (label: string) => page.getByRole('textbox', { name: new RegExp(`^${label}`) })
    for (const [label, value] of wrong) await field(label).fill(value)
    await button(page, 'Preview the change').click()
    const summary = main(page).getByRole('alert')
    await expect(summary.getByRole('link')).toHaveCount(wrong.length)
    for (const [label, value, problem] of wrong) {
      await expect(field(label)).toHaveValue(value)
      await expect(field(label)).toHaveAttribute('aria-invalid', 'true')
      await expect(field(label)).toHaveAccessibleDescription(problem)
      await summary.getByRole('link', { name: problem }).click()
      await expect(field(label)).toBeFocused()
    }
    expect(await latest()).toEqual(before)

    await field('Percentage').fill('11')
    await field('Minimum app version').fill('')
    await field('IP ranges').fill('')
    await field('Countries').fill('')
    await field('Organizations').fill('')
    await field('Note').fill('')
    await button(page, 'Preview the change').click()
    await confirm(page)
    expect((await latest()).document).toEqual(rolling({ percent: 11 }))
  })

  test('says of a rule that it is off, where it is typed and before it is confirmed', async ({
    page,
  }) => {
    await putPolicy(rolling({ countries: ['NZ'], ipRanges: ['203.0.113.0/24'] }))
    await page.goto('/control/policy')
    await expect(page.getByLabel(/^IP ranges/)).toHaveAccessibleDescription(/TRUSTED_PROXY_HOPS/)
    await expect(page.getByLabel(/^Countries/)).toHaveAccessibleDescription(/GEO_COUNTRY_HEADER/)
    await page.getByLabel('Percentage', { exact: true }).fill('0')
    await button(page, 'Preview the change').click()
    for (const text of [/rule for IP ranges is off/, /rule for countries is off/, /put nobody/])
      await expect(main(page)).toContainText(text)
  })

  test('estimates by the sessions that were seen, and changing it again keeps the draft', async ({
    page,
  }) => {
    await database.query(
      `insert into lane_counts (resolution, at, lane, sessions)
       values ('hour', date_trunc('hour', now()), 'legacy', 400)`,
    )
    await page.goto('/control/policy?start=rolling')
    await page.getByLabel('Percentage', { exact: true }).fill('25')
    await page.getByLabel(/^Note/).fill('Slowly')
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText(
      'Lately 400 legacy sessions were seen within an hour: by the percentage alone, about 100 of them would be carried over.',
    )
    await button(page, 'Change it').click()
    await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('25')
    await expect(page.getByLabel(/^Note/)).toHaveValue('Slowly')
  })

  test('two operators at once: the second sees what the first did, keeps the draft, and decides', async ({
    page,
  }) => {
    await putPolicy(rolling())
    await page.goto('/control/policy')
    await page.getByLabel('Percentage', { exact: true }).fill('50')
    await page.getByLabel(/^Note/).fill('Half of them')
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText('from 10 to 50')
    const other = await putPolicy(rolling({ percent: 30, countries: ['NZ'] }, { note: 'mine' }))

    await button(page, 'Put in force').click()
    await expect(main(page).getByRole('alert')).toContainText(`at version ${other} now`)
    expect((await latest()).version).toBe(other)
    for (const text of [
      `version ${other}, by control-token`,
      'Percentage: 10% → 30%',
      'Countries: added NZ',
      'Note: mine',
      'from 30 to 50',
      'Note: Half of them',
    ])
      await expect(main(page)).toContainText(text)

    await confirm(page)
    expect(await latest()).toMatchObject({
      version: other + 1,
      author: ada,
      document: rolling({ percent: 50 }, { note: 'Half of them' }),
    })
  })

  test('a change between typing and previewing is told as well', async ({ page }) => {
    await putPolicy(rolling())
    await page.goto('/control/policy')
    await page.getByLabel('Percentage', { exact: true }).fill('50')
    const other = await putPolicy(rolling({ percent: 30 }))
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText(`Meanwhile: version ${other}, by control-token`)
    await expect(main(page)).toContainText('from 30 to 50')
  })

  test('with the database down nothing is changed, and the draft is still there', async ({
    page,
  }) => {
    await putPolicy(rolling())
    await page.goto('/control/policy')
    await page.getByLabel('Percentage', { exact: true }).fill('50')
    await database.setUp(false)
    await button(page, 'Preview the change').click()
    await expect(main(page).getByRole('alert')).toContainText('database cannot be reached')
    await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('50')
  })
})

test.describe('the way back', () => {
  test('one button, one confirmation: nobody is signed out, and the login is the legacy one', async ({
    page,
    context,
  }) => {
    const version = await putPolicy('zero-downtime')
    await page.goto('/control')
    await page.getByRole('link', { name: 'Roll back…' }).click()
    for (const text of [
      'Roll back?',
      'Whoever has a Stytch session keeps it, and stays signed in.',
      'dormant legacy sessions of those who were carried over work again',
      'The mirror is off: whoever signed up at Stytch cannot sign in at the legacy provider.',
    ])
      await expect(main(page)).toContainText(text)
    await confirm(page, 'Yes, roll back')
    expect(await latest()).toMatchObject({
      version: version + 1,
      author: ada,
      document: { cohort: 'nobody' },
    })
    await untilInForce(version + 1)
    expect((await me(context)).body.session.lane).toBe('stytch')
    expect((await ask('/login')).text).toContain('Continue to sign in')
    await page.goto('/control')
    await expect(page.getByRole('link', { name: 'Roll back…' })).toHaveCount(0)
  })

  test('the history tells who changed what, and going back makes a new version', async ({
    page,
  }) => {
    const first = await putPolicy(rolling({ organizations: ['acme'] }, { note: 'the first' }))
    const second = await putPolicy(rolling({ percent: 40, organizations: ['globex'] }))
    const rows = () => database.query('select * from policies where version <= $1', [second])
    const before = await rows()
    await page.goto('/control/history')
    const changes = page.getByRole('list', { name: `What version ${second} changed` })
    await expect(changes.getByRole('listitem')).toHaveText([
      'Percentage: 10% → 40%',
      'Organizations: added globex; removed acme',
    ])
    const item = page.locator(`#version-${first}`)
    await expect(item).toContainText('by control-token')
    await expect(item).toContainText('Note: the first')
    await expect(page.locator(`#version-${second}`)).toContainText('In force')

    await item.getByRole('link', { name: 'Go back to this' }).click()
    await expect(main(page)).toContainText('goes down from 40 to 10')
    await confirm(page)
    expect(await latest()).toEqual({
      version: second + 1,
      author: ada,
      document: rolling({ organizations: ['acme'] }, { note: `Back to version ${first}` }),
    })
    expect(await rows()).toEqual(before)
  })

  test('the history has pages, to the first version, which nobody put in force', async ({
    page,
  }) => {
    const { version } = await latest()
    await database.query(
      `insert into policies (version, document, author)
       select n, jsonb_build_object('cohort', 'everybody', 'carrySessions', true, 'note', 'n' || n), 'somebody'
       from generate_series($1::int, $2::int) n`,
      [version + 1, version + 45],
    )
    await page.goto('/control/history')
    const seen: string[] = []
    for (;;) {
      seen.push(...(await main(page).getByRole('heading', { level: 2 }).allTextContents()))
      const older = page.getByRole('link', { name: 'Older' })
      if (!(await older.isVisible())) break
      const from = page.url()
      await older.click()
      // Loaded as a whole: what is read next is all of it.
      await page.waitForURL(({ href }) => href !== from)
    }
    const versions = seen.map((text) => Number(/^Version (\d+):/.exec(text)?.[1]))
    expect(versions).toEqual(Array.from({ length: version + 45 }, (_, i) => version + 45 - i))
    await page.goto('/control/policy?version=1')
    await expect(main(page)).toContainText('Roll back?')
    await page.goto('/control/policy?version=99999')
    await expect(main(page)).toContainText('no version 99999')
  })
})

test.describe('a pinned device', () => {
  /** The flow that the app shows this browser, and why. */
  const flow = async (context: BrowserContext) => (await me(context)).body.flow

  test('counts in a rolling policy, and not for nobody or everybody', async ({ page, context }) => {
    await putPolicy(rolling({ percent: 0 }))
    await page.goto('/control/policy')
    expect(await flow(context)).toEqual({ name: 'legacy', reason: 'percent' })
    const pinned = page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().includes('/control'),
    )
    await button(page, 'Stytch').click()
    await expect(main(page)).toContainText('Pinned to stytch')
    const flags = (await (await pinned).headersArray())
      .filter(({ name }) => name.toLowerCase() === 'set-cookie')
      .flatMap(({ value }) => value.split('\n'))
      .filter((line) => line.startsWith('auth_flow='))
    expect(flags.length).toBeGreaterThan(0)
    for (const line of flags) {
      expect(line).toMatch(/; Path=\/;/i)
      expect(line).toMatch(/; HttpOnly/i)
      expect(line).toMatch(/; SameSite=lax/i)
      expect(line).not.toContain('stytch')
    }
    expect(await flow(context)).toEqual({ name: 'stytch', reason: 'pin' })

    await putPolicy('before-the-migration')
    expect(await flow(context)).toEqual({ name: 'legacy', reason: 'nobody' })
    await page.reload()
    await expect(main(page)).toContainText('It does not count now')
    await page.goto('/control/policy?start=zero-downtime')
    await expect(main(page)).toContainText(
      'This device is pinned to stytch. The pin will not count',
    )

    await putPolicy(rolling({ percent: 100 }))
    await page.goto('/control/policy')
    await button(page, 'Legacy').click()
    await expect(main(page)).toContainText('Pinned to legacy')
    expect(await flow(context)).toEqual({ name: 'legacy', reason: 'pin' })
    await button(page, 'Not pinned').click()
    await expect(button(page, 'Not pinned')).toHaveAttribute('aria-pressed', 'true')
    expect(await flow(context)).toEqual({ name: 'stytch', reason: 'percent' })
  })
})

test.describe('the figures', () => {
  const minute = async (ago: number) => {
    const [row] = await database.query<{ at: string; name: string }>(
      `select date_trunc('minute', now() - make_interval(mins => $1::int)) as at,
              to_char(date_trunc('minute', now() - make_interval(mins => $1::int)) at time zone 'utc', 'HH24:MI') as name`,
      [ago],
    )
    if (!row) throw new Error('no time')
    return row
  }
  const happened = (at: string, kind: string, result: string, reason: string, ms = 0) =>
    database.query(
      `insert into events (at, kind, lane, result, reason, milliseconds) values ($1, $2, 'stytch', $3, $4, $5)`,
      [at, kind, result, reason, ms],
    )
  /** The cells of the row of a table that begins with a name. */
  const row = (page: Page, chart: string, first: string) =>
    page
      .getByRole('figure', { name: chart, exact: true })
      .getByRole('row', { name: new RegExp(`^${first}\\b`) })
      .getByRole('cell')

  test('of sessions, migrations, times, the mirror and errors stand in the tables', async ({
    page,
  }) => {
    const [early, late] = [await minute(20), await minute(10)]
    for (const [{ at }, lane, sessions] of [
      [early, 'legacy', 41],
      [early, 'stytch', 2],
      [late, 'legacy', 7],
      [late, 'stytch', 39],
    ] as const)
      await database.query(
        `insert into lane_counts (resolution, at, lane, sessions) values ('minute', $1, $2, $3)`,
        [at, lane, sessions],
      )
    await database.query('insert into mirror_samples (at, waiting, dead) values ($1, 5, 2)', [
      early.at,
    ])
    for (const ms of [40, 60, 90]) await happened(early.at, 'migration', 'migrated', 'new_user', ms)
    await happened(late.at, 'migration', 'refused', 'email_not_verified')
    await happened(late.at, 'migration', 'failed', 'stytch_timeout')
    await happened(late.at, 'mirror', 'dead', 'legacy_timeout')

    await page.goto('/control')
    for (const summary of await page.locator('figure summary').all()) await summary.click()
    const sessions = 'Sessions seen in each minute, by lane'
    await expect(row(page, sessions, early.name)).toHaveText(['41', '2'])
    await expect(row(page, sessions, late.name)).toHaveText(['7', '39'])
    await expect(row(page, 'Migrations, by outcome', early.name)).toHaveText(['3', '0', '0'])
    await expect(row(page, 'Migrations, by outcome', late.name)).toHaveText(['0', '1', '1'])
    await expect(row(page, 'Migrations, by reason', 'new_user')).toHaveText(['migrated', '3'])
    await expect(row(page, 'Migrations, by reason', 'stytch_timeout')).toHaveText(['failed', '1'])
    const time = 'Time to carry a session over'
    await expect(row(page, time, 'up to 50 ms')).toHaveText(['', '1'])
    await expect(row(page, time, 'up to 100 ms')).toHaveText(['median, 95%', '2'])
    await expect(page.getByRole('figure', { name: time })).toContainText('half took at most 60 ms')
    await expect(row(page, 'Jobs of the mirror', early.name)).toHaveText(['5', '2'])
    await expect(row(page, 'Errors', late.name)).toHaveText(['2'])
    await expect(row(page, 'Errors, by reason', 'legacy_timeout')).toHaveText(['mirror', '1'])
  })

  test('over an hour, a day and a week, with the changes of policy in that time', async ({
    page,
  }) => {
    const version = await putPolicy(rolling({ percent: 3 }))
    await page.goto('/control?kind=policy')
    const tab = (name: string) =>
      page
        .getByRole('navigation', { name: 'Time that the figures cover' })
        .getByRole('link', { name })
    await expect(tab('Hour')).toHaveAttribute('aria-current', 'page')
    for (const [name, range] of [
      ['Day', 'day'],
      ['Week', 'week'],
    ] as const) {
      await tab(name).click()
      await expect(tab(name)).toHaveAttribute('aria-current', 'page')
      await expect(page).toHaveURL(new RegExp(`range=${range}&kind=policy`))
      await expect(main(page)).toContainText('in each hour')
      await expect(
        main(page).getByRole('link', { name: `version ${version}`, exact: true }),
      ).toHaveAttribute('href', `/control/history#version-${version}`)
    }
  })

  test('the feed can be narrowed to one kind', async ({ page }) => {
    const { at } = await minute(1)
    await happened(at, 'migration', 'refused', 'email_not_verified')
    await happened(at, 'sign_in', 'signed_in', 'by_code')
    await page.goto('/control')
    const feed = page.getByRole('region', { name: 'Table of the latest events' })
    await expect(feed).toContainText('by_code')
    await expect(feed).toContainText('email_not_verified')
    await page.getByRole('link', { name: 'Migration', exact: true }).click()
    await expect(feed).toContainText('email_not_verified')
    await expect(feed).not.toContainText('by_code')
  })

  test('keep themselves current, until they are paused by keyboard', async ({ page }) => {
    const { at } = await minute(1)
    await page.clock.install()
    await page.goto('/control')
    const feed = main(page)
    await expect(button(page, 'Pause updating this page')).toBeVisible()
    await happened(at, 'sign_in', 'signed_in', 'seen_live')
    await page.clock.runFor(3_000)
    await expect(feed).toContainText('seen_live')

    await button(page, 'Pause updating this page').focus()
    await page.keyboard.press('Enter')
    await expect(feed).toContainText('Paused')
    await happened(at, 'sign_in', 'signed_in', 'seen_later')
    let asked = 0
    page.on('request', () => asked++)
    await page.clock.runFor(30_000)
    expect(asked).toBe(0)
    await expect(feed).not.toContainText('seen_later')
    await page.keyboard.press('Enter')
    await page.clock.runFor(3_000)
    await expect(feed).toContainText('seen_later')
  })
})

test('the check list says what to do about each line, for as many days as wanted', async ({
  page,
}) => {
  await putPolicy('zero-downtime')
  await page.goto('/control/switch-off')
  await expect(main(page)).toContainText('last 30 days')
  await expect(main(page).getByRole('heading', { level: 3 })).toHaveCount(6)
  await expect(main(page)).toContainText(
    /Everybody has been in the cohort for .*Wait until it is 30 days/,
  )
  await page.getByRole('link', { name: '7 days' }).click()
  await expect(main(page)).toContainText('Wait until it is 7 days')
  await page.goto('/control/switch-off?days=3650')
  await expect(main(page)).toContainText('last 30 days')
  await database.setUp(false)
  await page.reload()
  await expect(main(page)).toContainText('The database does not answer')
  await expect(main(page)).not.toContainText('Yes: every line is settled')
})

test('each page has its own title, and one way to each other', async ({ page }) => {
  for (const [path, title, place] of [
    ['', 'Control · Cutover', 'Overview'],
    ['/policy', 'Policy · Control · Cutover', 'Policy'],
    ['/history', 'History · Control · Cutover', 'History'],
    ['/mirror', 'Mirror · Control · Cutover', 'Mirror'],
    ['/switch-off', 'Switch off · Control · Cutover', 'Switch off'],
  ]) {
    await page.goto(`/control${path}`)
    await expect(page).toHaveTitle(title as string)
    const rooms = page.getByRole('navigation', { name: 'Control room' })
    await expect(rooms.getByRole('link')).toHaveCount(5)
    await expect(rooms.locator('[aria-current=page]')).toHaveText(place as string)
  }
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('a policy is drafted, put right, previewed, changed again and confirmed', async ({
    page,
  }) => {
    await putPolicy(rolling())
    const before = await latest()
    await page.goto('/control/policy')
    await expect(page.getByLabel('Percentage, as a slider')).toHaveCount(0)
    await page.getByLabel('Percentage', { exact: true }).fill('lots')
    await page.getByLabel(/^Note/).fill('Without script')
    await button(page, 'Preview the change').click()
    await expect(main(page).getByRole('alert')).toContainText('Percentage must be a number')
    await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('lots')
    await expect(page.getByLabel(/^Note/)).toHaveValue('Without script')
    await page.getByLabel('Percentage', { exact: true }).fill('20')
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText('from 10 to 20')
    await button(page, 'Change it').click()
    await page.getByLabel('Percentage', { exact: true }).fill('21')
    await button(page, 'Preview the change').click()
    await expect(main(page)).toContainText('from 10 to 21')
    expect(await latest()).toEqual(before)
    await confirm(page)
    expect((await latest()).document).toEqual(rolling({ percent: 21 }, { note: 'Without script' }))
  })

  test('the rollback, the pin and the tables work', async ({ page, context }) => {
    await putPolicy(rolling({ percent: 0 }))
    await page.goto('/control/policy')
    await button(page, 'Stytch').click()
    await expect(main(page)).toContainText('Pinned to stytch')
    expect((await me(context)).body.flow).toEqual({ name: 'stytch', reason: 'pin' })
    await page.goto('/control')
    await expect(main(page)).not.toContainText('Live, every')
    await page.getByRole('link', { name: 'Roll back…' }).click()
    await confirm(page, 'Yes, roll back')
    expect((await latest()).document).toMatchObject({ cohort: 'nobody' })
  })
})

const allAtOnce = (version: number) => ({
  cohort: 'everybody',
  carrySessions: 'no',
  intent: 'confirm',
  expectedVersion: String(version),
})

/** Posts to an action as its form would: the state before, and the fields, as React writes them. */
async function post(
  action: string,
  path: string,
  fields: Record<string, string>,
  asked: Parameters<typeof act>[2] = {},
) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(`_1_${name}`, value)
  form.set('0', '[{"problem":null},"$K1"]')
  const request = new Request('http://localhost', { method: 'POST', body: form })
  return act(action, path, {
    ...asked,
    body: await request.text(),
    headers: {
      'content-type': request.headers.get('content-type') as string,
      ...asked.headers,
    },
  })
}

test.describe('refuses', () => {
  const pages = ['', '/policy', '/history', '/mirror', '/switch-off'].map(
    (path) => `/control${path}`,
  )
  /** Each action, where it is, and what a form would send to do harm. */
  const actions: [name: string, path: string, fields: Record<string, string>][] = [
    ['changePolicy', '/control/policy', {}],
    ['pinThisDevice', '/control/policy', { pin: 'stytch' }],
    ['retryJob', '/control/mirror', { id: crypto.randomUUID() }],
    ['retryAllNow', '/control/mirror', {}],
  ]
  const secrets = /Policy in force|Dial 1|Nothing is ever taken out|The mirror is off|Check list/

  test('everybody but an operator on every page', async () => {
    for (const path of pages) {
      const anonymous = await ask(path)
      expect(anonymous.status, path).toBe(307)
      expect(anonymous.headers.get('location')).toContain('/login')
      expect(secrets.test(anonymous.text), path).toBe(false)
      for (const credentials of [
        { cookies: await stytchCookies('grace@example.com') },
        { cookies: await legacyCookies('grace@example.com') },
        // Ada’s own token, but made for somebody else’s client.
        { bearer: await auth0.token(ada, { claims: { azp: 'somebody-elses-app' } }) },
      ]) {
        const answer = await ask(path, credentials)
        expect(answer.status, path).toBe(403)
        expect(secrets.test(answer.text), path).toBe(false)
      }
      // Hers is let in, so it was not the page that was missing.
      const hers = await ask(path, { cookies: await stytchCookies(ada) })
      expect(hers.status, path).toBe(200)
      expect(secrets.test(hers.text), path).toBe(true)
    }
  })

  test('everybody but an operator at every action', async () => {
    const before = await latest()
    for (const [action, path, fields] of actions) {
      const sent = action === 'changePolicy' ? allAtOnce(before.version) : fields
      const anonymous = await post(action, path, sent)
      expect(anonymous.headers.get('x-action-redirect'), action).toContain('/login')
      for (const credentials of [
        { cookies: await stytchCookies('grace@example.com') },
        { cookies: await legacyCookies('grace@example.com') },
        { bearer: await auth0.token(ada, { claims: { azp: 'somebody-elses-app' } }) },
      ]) {
        const answer = await post(action, path, sent, credentials)
        expect(answer.status, action).toBe(403)
        expect(answer.result).toBeUndefined()
      }
    }
    expect(await latest()).toEqual(before)
  })

  test('to pin the device of whoever is no operator', async () => {
    await putPolicy(rolling({ percent: 0 }))
    /** The flow of a browser that posted, with the flag cookie that it got for it. */
    const flowAfter = async (cookies: Record<string, string>) => {
      const answer = await post('pinThisDevice', '/control/policy', { pin: 'stytch' }, { cookies })
      const flag = answer.headers
        .getSetCookie()
        .findLast((line) => line.startsWith('auth_flow='))
        ?.split(';')[0]
      return (await ask('/api/me', { cookies: flag })).json().flow.reason
    }
    expect(await flowAfter({})).toBe('percent')
    expect(await flowAfter(await stytchCookies('grace@example.com'))).toBe('percent')
    expect(await flowAfter(await stytchCookies(ada))).toBe('pin')
  })

  test("an operator's cookie on a post that another page caused, at every action", async () => {
    const cookies = await stytchCookies(ada)
    const before = await latest()
    for (const [action, path, fields] of actions) {
      const sent = action === 'changePolicy' ? allAtOnce(before.version) : fields
      for (const origin of [
        'https://evil.example',
        'null',
        `${urls.app}.evil.example`,
        urls.app.replace(/\d+$/, '1'),
      ]) {
        const answer = await post(action, path, sent, { cookies, headers: { origin } })
        expect(answer.status, `${action} from ${origin}`).toBeGreaterThanOrEqual(400)
        expect(answer.result).toBeUndefined()
      }
      // What a browser says of where a request comes from counts beside the origin.
      for (const site of ['cross-site', 'same-site']) {
        const headers = { 'sec-fetch-site': site }
        const answer = await post(action, path, sent, { cookies, headers })
        expect(answer.status, `${action} from a ${site} page`).toBe(403)
      }
    }
    expect(await latest()).toEqual(before)
    // The same posts from our own pages do what they say, so it was the origin that was refused.
    for (const [action, path, fields] of actions.slice(1)) {
      expect((await post(action, path, fields, { cookies })).status, action).toBe(200)
    }
    await post('changePolicy', '/control/policy', allAtOnce(before.version), { cookies })
    expect((await latest()).version).toBe(before.version + 1)
  })

  test("a form without script that another page sends with an operator's cookie", async () => {
    const cookies = await stytchCookies(ada)
    const before = await latest()
    const { text } = await ask('/control/policy?start=all-at-once', { cookies })
    const form = text.match(/<form.*?<\/form>/gs)?.find((each) => each.includes('expectedVersion'))
    const fields = new FormData()
    for (const [input] of (form ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      const attribute = (name: string) =>
        new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll('&quot;', '"') ?? ''
      fields.append(attribute('name'), attribute('value'))
    }
    fields.append('intent', 'confirm')
    const request = new Request('http://localhost', { method: 'POST', body: fields })
    const body = await request.text()
    const type = request.headers.get('content-type') as string
    const send = (origin: string) =>
      ask('/control/policy', {
        method: 'POST',
        cookies,
        body,
        headers: { 'content-type': type, origin },
      })
    expect((await send('https://evil.example')).status).toBeGreaterThanOrEqual(400)
    expect(await latest()).toEqual(before)
    expect((await send(urls.app)).status).toBe(303)
    expect((await latest()).version).toBe(before.version + 1)
  })

  test('a confirmation that names no version, an old one, or fields that are no policy', async () => {
    const cookies = await stytchCookies(ada)
    const before = await latest()
    const good = allAtOnce(before.version)
    for (const fields of [
      { ...good, expectedVersion: '' },
      { ...good, expectedVersion: '-1' },
      { ...good, expectedVersion: String(before.version - 1) },
      { ...good, expectedVersion: String(before.version + 1) },
      { ...good, cohort: 'admin' },
      { ...good, cohort: 'rules', percent: '1e9' },
      { ...good, carrySessions: '' },
      { ...good, intent: 'preview' },
      { ...good, intent: '' },
    ])
      await post('changePolicy', '/control/policy', fields, { cookies })
    expect(await latest()).toEqual(before)
    await post('changePolicy', '/control/policy', good, { cookies })
    expect((await latest()).version).toBe(before.version + 1)
  })
})

test.describe('where the policy is kept elsewhere', () => {
  /** Somebody else's store: has the policy of the app beside it, until it is closed. */
  const source = createServer(async (request, response) => {
    const { authorization = '' } = request.headers
    const answer = await fetch(`${urls.app}/api/policy`, { headers: { authorization } })
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(await answer.text())
  })
  let base: string
  test.beforeAll(async () => {
    const port = await freePort()
    base = `http://localhost:${port}`
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...appEnvironment,
      NODE_ENV: 'production',
      APP_BASE_URL: base,
      DATABASE_URL: databaseUrl,
      POLICY_URL: `http://localhost:${await listen(source)}/`,
      AUTH0_MANAGEMENT_CLIENT_ID: '',
      AUTH0_MANAGEMENT_CLIENT_SECRET: '',
    }
    startNode('app', [next, 'start', '-p', String(port), '-H', 'localhost'], { env })
    await expect
      .poll(
        () =>
          fetch(`${base}/api/health`).then(
            ({ status }) => status,
            () => 0,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(200)
  })
  test.afterAll(async () => {
    source.close()
    await stopAll()
  })

  test('every page is read-only and says so, and the action changes nothing', async () => {
    const version = await putPolicy(rolling({ percent: 33 }))
    await untilInForce(version, base)
    const cookies = await stytchCookies(ada)
    const read = async (path: string) => (await ask(path, { base, cookies })).text
    // Pages remember the policy apart from route handlers.
    const shown = 'About 33% of visitors get the Stytch login'
    await expect.poll(() => read('/control/policy')).toContain(shown)
    const policy = await read('/control/policy')
    expect(policy).toContain('Read-only: the policy is kept elsewhere')
    expect(policy).not.toContain('expectedVersion')
    expect(await read('/control/policy?start=zero-downtime')).not.toContain('expectedVersion')
    expect(await read('/control')).not.toContain('Roll back')
    expect(await read('/control/history')).toContain('The history is kept elsewhere')
    const { result } = await post('changePolicy', '/control/policy', allAtOnce(version), {
      base,
      cookies,
    })
    expect(result.problem.code).toBe('policy_elsewhere')
    expect((await latest()).version).toBe(version)
  })

  test('with the source away, the last known policy and all figures are there', async () => {
    await putPolicy(rolling({ percent: 44 }))
    const cookies = await stytchCookies(ada)
    const read = async (path: string) => (await ask(path, { base, cookies })).text
    await expect.poll(() => read('/control')).toContain('About 44% of visitors')
    source.close()
    source.closeAllConnections()
    for (const path of ['/control', '/control/policy']) {
      const text = await read(path)
      expect(text, path).toContain('About 44% of visitors')
      expect(text, path).not.toContain('The database does not answer')
    }
  })
})

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.afterAll(async () => {
  await putPolicy('before-the-migration')
  await stytch.forgetRequests()
})
