import type { Page } from '@playwright/test'
import { expectAccessible } from '../../steps/accessible.ts'
import {
  forgetBackfill,
  plantReconciliation,
  plantRun,
  planUsers,
  startBackfill,
} from '../../steps/backfill.ts'
import { button, main } from '../../steps/page.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(forgetBackfill)
test.afterEach(forgetBackfill)

const importOf = (page: Page) => page.getByRole('region', { name: 'Import', exact: true })
const percentOf = async (page: Page) =>
  Number(await page.getByRole('progressbar').getAttribute('aria-valuenow'))
const message = (page: Page, text: string) =>
  main(page).getByRole('status').filter({ hasText: text })
/** A page that refreshes itself could change while axe checks it. */
const stopRefresh = (page: Page) => page.getByRole('button', { name: /^Pause updating/ }).click()

test('an operator sees an import move, pauses it, so that no call starts, and resumes it', async ({
  page,
  context,
}, testInfo) => {
  const runId = await planUsers(testInfo.outputPath('users.ndjson'), 30)
  await haveStytchSession(context, ada)
  await page.goto('/control/backfill')
  await expect(importOf(page)).toContainText('Planned')
  await expect(importOf(page)).toContainText(`npm run backfill -- import --run ${runId}`)
  await expect(main(page)).toContainText('Imported without a password')

  // Auth0 does not know these users.
  const args = ['--run', runId, '--rate', '6', '--skip-check']
  const importing = await startBackfill('import', ...args)
  await expect.poll(() => percentOf(page)).toBeGreaterThan(0)
  await expect(importOf(page)).toContainText('Running')
  await expect(importOf(page)).toContainText('of 6')
  await button(page, 'Pause import').click()
  await expect(message(page, 'Paused.')).toBeVisible()
  await expect(importOf(page)).toContainText('No process calls Stytch for this run')

  const calls = () => count(stytch, 'POST', '/v1/users')
  const before = await calls()
  const rows = () =>
    database.query('select state, count(*)::int from backfill_rows group by 1 order by 1')
  const settled = await rows()
  expect(settled).toMatchObject([{ state: 'done', count: before }, { state: 'planned' }])
  expect(importing.output()).toContain('Paused in the control room')
  await stopRefresh(page)
  await expectAccessible(page)
  expect(await calls()).toBe(before)
  expect(await rows()).toEqual(settled)

  await button(page, 'Resume import').click()
  await expect(message(page, 'Resumed.')).toBeVisible()
  await page.getByRole('button', { name: /^Resume updating/ }).click()
  await expect(importOf(page)).toContainText('Done')
  await expect(importOf(page)).toContainText('30 of 30 users')
  await importing.ended
  expect(importing.output()).toContain('Every planned user is settled.')
  expect(await calls()).toBe(30)
  expect(
    await database.query(
      "select subject, result, reason from events where kind = 'backfill' order by id",
    ),
  ).toEqual([
    { subject: ada, result: 'paused', reason: `import ${runId}` },
    { subject: ada, result: 'resumed', reason: `import ${runId}` },
  ])
})

test('without a run, the page says what to run, and a command can be copied', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await haveStytchSession(context, ada)
  await page.goto('/control/backfill')
  await expect(page.getByRole('heading', { name: 'No run yet' })).toBeVisible()
  await page.getByRole('button', { name: 'Copy: npm run backfill -- export' }).press('Enter')
  await expect(message(page, 'Copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'npm run backfill -- export',
  )
  await stopRefresh(page)
  await expectAccessible(page)
})

test('each code says what to do, of the rows and of the last reconciliation, and nobody is named', async ({
  page,
  context,
}) => {
  await plantRun({
    id: 'run_older',
    state: 'undone',
    rows: [
      { count: 2, state: 'undone' },
      { count: 1, state: 'done', reason: 'kept_session' },
    ],
  })
  await plantRun({
    id: 'run_newer',
    state: 'done',
    rows: [
      { count: 9, state: 'done' },
      { count: 2, state: 'failed', reason: 'stytch_invalid_email' },
      { count: 1, state: 'skipped', reason: 'address_taken' },
      { count: 3, state: 'skipped', outcome: 'social_only', attempts: 0 },
    ],
  })
  await plantReconciliation('run_newer', { only_at_auth0: 2, only_at_stytch: 5 })
  await haveStytchSession(context, ada)
  await page.goto('/control/backfill?run=run_newer')
  await expect(importOf(page)).toContainText('12 of 12 users')
  await expect(page.getByRole('region', { name: 'Failed' })).toContainText('stytch_invalid_email2')
  await expect(page.getByRole('region', { name: 'Not imported' })).toContainText(
    'The user signs in at Stytch by a code or link',
  )
  await expect(page.getByRole('region', { name: 'Left out by the plan' })).toContainText(
    'Stytch creates them at their next login',
  )
  const last = page.getByRole('region', { name: 'Last reconciliation' })
  await expect(last).toContainText('--fix imports the user again')
  await expect(main(page)).not.toContainText('planted|')
  await stopRefresh(page)
  await expectAccessible(page)

  await page.getByRole('link', { name: 'run_older' }).click()
  await expect(importOf(page)).toContainText('Undone')
  await expect(page.getByRole('region', { name: 'Kept by undo' })).toContainText(
    'The user has a live session at Stytch',
  )
  await page.goto('/control/switch-off')
  await expect(main(page)).toContainText(
    'The last comparison found 2 differences: 2 only_at_auth0.',
  )
})

test('refuses the page to a user who is not an operator', async ({ page, context }) => {
  await plantRun({ id: 'run_secret', state: 'running', rows: [{ count: 1, state: 'planned' }] })
  await haveStytchSession(context, 'grace@example.com')
  const response = await page.goto('/control/backfill')
  expect(response?.status()).toBe(403)
  await expect(page.locator('body')).not.toContainText('run_secret')
})
