import type { Page } from '@playwright/test'
import { button, main } from '../../steps/page.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(async ({ context }) => {
  await database.query('delete from lane_counts; delete from mirror_samples')
  await haveStytchSession(context, ada)
})

const minute = async (ago: number) => {
  const [row] = await database.query<{ at: Date; name: string }>(
    `select date_trunc('minute', now() - make_interval(mins => $1::int)) as at,
            to_char(date_trunc('minute', now() - make_interval(mins => $1::int)) at time zone 'utc', 'HH24:MI') as name`,
    [ago],
  )
  if (!row) throw new Error('no time')
  return row
}
const happened = (at: Date, kind: string, result: string, reason: string, ms = 0) =>
  database.query(
    `insert into events (at, kind, lane, result, reason, milliseconds) values ($1, $2, 'stytch', $3, $4, $5)`,
    [at, kind, result, reason, ms],
  )
/** The cells of a table's row. The row begins with this name. */
const row = (page: Page, chart: string, first: string) =>
  page
    .getByRole('figure', { name: chart, exact: true })
    .getByRole('row', { name: new RegExp(`^${first}\\b`) })
    .getByRole('cell')

test('the tables hold the figures of sessions, migrations, times, the mirror and errors', async ({
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
  const sessions = 'Sessions per minute, by lane'
  await expect(row(page, sessions, early.name)).toHaveText(['41', '2'])
  await expect(row(page, sessions, late.name)).toHaveText(['7', '39'])
  await expect(row(page, 'Migrations, by outcome', early.name)).toHaveText(['3', '0', '0'])
  await expect(row(page, 'Migrations, by outcome', late.name)).toHaveText(['0', '1', '1'])
  await expect(row(page, 'Migrations, by reason', 'new_user')).toHaveText(['migrated', '3'])
  await expect(row(page, 'Migrations, by reason', 'stytch_timeout')).toHaveText(['failed', '1'])
  const time = 'Migration time'
  await expect(row(page, time, 'up to 50 ms')).toHaveText(['', '1'])
  await expect(row(page, time, 'up to 100 ms')).toHaveText(['median, 95%', '2'])
  await expect(page.getByRole('figure', { name: time })).toContainText('Median: 60 ms')
  await expect(row(page, 'Mirror jobs', early.name)).toHaveText(['5', '2'])
  await expect(row(page, 'Errors', late.name)).toHaveText(['2'])
  await expect(row(page, 'Errors, by reason', 'legacy_timeout')).toHaveText(['mirror', '1'])
})

test('the figures cover an hour, a day or a week, with the changes of policy in that time', async ({
  page,
}) => {
  const version = await putPolicy(rolling({ percent: 3 }))
  await page.goto('/control?kind=policy')
  const tab = (name: string) =>
    page.getByRole('navigation', { name: 'Time range of the figures' }).getByRole('link', { name })
  await expect(tab('Hour')).toHaveAttribute('aria-current', 'page')
  for (const [name, range] of [
    ['Day', 'day'],
    ['Week', 'week'],
  ] as const) {
    await tab(name).click()
    await expect(tab(name)).toHaveAttribute('aria-current', 'page')
    await expect(page).toHaveURL(new RegExp(`range=${range}&kind=policy`))
    await expect(main(page)).toContainText('Sessions per hour')
    await expect(
      main(page).getByRole('link', { name: `version ${version}`, exact: true }),
    ).toHaveAttribute('href', `/control/history#version-${version}`)
  }
})

test('the events can be filtered by kind', async ({ page }) => {
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

for (const width of [1_280, 1_024, 360]) {
  test(`the events fit on a screen of ${width} pixels, with the column Duration`, async ({
    page,
  }) => {
    const { at } = await minute(1)
    const id = crypto.randomUUID()
    await database.query(
      `insert into events (at, kind, account_id, subject, lane, result, reason, milliseconds)
       values ($1, 'deprovision', $2, $3, 'anonymous', 'sessions_ended', 'legacy_blocked_by_mirror', 4711)`,
      [at, `acct_${id}`, `user-test-${id}`],
    )
    await page.setViewportSize({ width, height: 800 })
    await page.goto('/control')
    const feed = page.getByRole('region', { name: 'Table of the latest events' })
    await expect(feed).toContainText(id)
    const box = await feed.getByRole('cell', { name: '4711' }).boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
    expect(await feed.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0)
  })
}

test('the page refreshes itself until the user pauses it by keyboard', async ({ page }) => {
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
  await expect(feed).toContainText('Refresh paused')
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

test('the check list names a task for each line, for a chosen number of days', async ({ page }) => {
  await putPolicy('zero-downtime')
  await page.goto('/control/switch-off')
  await expect(main(page)).toContainText('last 30 days')
  await expect(main(page).getByRole('heading', { level: 3 })).toHaveCount(7)
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
  await expect(main(page)).not.toContainText('Safe to switch off: all checks passed')
})

test('each page has its own title, and one link to each of the others', async ({ page }) => {
  for (const [path, title, place] of [
    ['', 'Control · Cutover', 'Overview'],
    ['/policy', 'Policy · Control · Cutover', 'Policy'],
    ['/history', 'History · Control · Cutover', 'History'],
    ['/mirror', 'Mirror · Control · Cutover', 'Mirror'],
    ['/organizations', 'Organizations · Control · Cutover', 'Organizations'],
    ['/backfill', 'Backfill · Control · Cutover', 'Backfill'],
    ['/switch-off', 'Switch off · Control · Cutover', 'Switch off'],
  ]) {
    await page.goto(`/control${path}`)
    await expect(page).toHaveTitle(title as string)
    const rooms = page.getByRole('navigation', { name: 'Control pages' })
    await expect(rooms.getByRole('link')).toHaveCount(7)
    await expect(rooms.locator('[aria-current=page]')).toHaveText(place as string)
  }
})
