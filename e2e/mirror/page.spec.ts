import type { Page } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { expectAccessible } from '../steps/accessible.ts'
import { main } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { submit } from '../steps/server-action.ts'
import { haveStytchSession, stytchCookies } from '../steps/stytch-session.ts'
import { database } from '../world/database.ts'
import { expect, test } from './test.ts'

/** The page of the mirror in the control room. */

async function openAsOperator(page: Page): Promise<void> {
  await haveStytchSession(page.context(), 'ada@example.com')
  await page.goto('/control/mirror')
}

/** A job for an account that does not exist. These tests do not check its result. */
const job = (reason?: string) =>
  JSON.stringify({ accountId: 'acct_nobody', userId: 'user-test-nobody', change: 'born', reason })
const jobs = () =>
  database.query<{ id: string; name: string }>(
    `select id, name from pgboss.job where data->>'accountId' = 'acct_nobody'`,
  )

test('the page says that all is well when nothing waits', async ({ page }) => {
  await openAsOperator(page)
  await expect(main(page)).toContainText('Caught up')
  await expect(main(page).getByRole('button', { name: /again|Retry/ })).toHaveCount(0)
})

test('the page lists a failed job with its reason, and puts it back into the queue', async ({
  page,
}) => {
  await database.query(
    `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
    [job('address_taken')],
  )
  const [dead] = await jobs()
  if (!dead) throw new Error('The queue has no failed job.')
  // A user who is not an operator cannot retry a job.
  const cookies = await stytchCookies(newAddress())
  const refused = await submit('retryJob', '/control/mirror', { id: dead.id }, { cookies })
  expect(refused.status).toBe(403)
  expect(await jobs()).toEqual([dead])

  await openAsOperator(page)
  await expect(main(page)).toContainText('Action needed')
  await expect(main(page)).toContainText('address_taken')
  await page.getByRole('button', { name: /^Retry:/ }).click()
  await expect(main(page).getByRole('status')).toContainText('back in the queue')
  await expect(main(page)).toContainText('No dead jobs')
  const [moved] = await jobs()
  expect(moved?.name).toBe('mirror')
})

test('the page retries jobs at once that wait for their next attempt', async ({ page }) => {
  await database.query(
    `insert into pgboss.job (name, data, state, retry_count, retry_limit, start_after)
     values ('mirror', $1::jsonb, 'retry', 3, 50, now() + interval '1 hour')`,
    [job()],
  )
  await openAsOperator(page)
  await page.getByRole('button', { name: 'Retry failed jobs now' }).click()
  await expect(main(page).getByRole('status')).toContainText('1 job is due now')
  const due = `select 1 from pgboss.job where name = 'mirror' and start_after <= now()`
  expect(await database.query(due)).toHaveLength(1)
})

test('the page works without script', async ({ browser }) => {
  await database.query(
    `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
    [job('legacy_timeout')],
  )
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: urls.app })
  const page = await context.newPage()
  await openAsOperator(page)
  await page.getByRole('button', { name: /^Retry:/ }).click()
  await expect(main(page).getByRole('status')).toContainText('back in the queue')
  await context.close()
})

test('axe finds nothing on the page, and nothing overflows', async ({ page }) => {
  await database.query(
    `insert into pgboss.job (name, data, retry_limit) values ('mirror-dead', $1::jsonb, 0)`,
    [job('address_taken')],
  )
  await database.query(
    `insert into pgboss.job (name, data, state, retry_count, retry_limit, start_after)
     values ('mirror', $1::jsonb, 'retry', 3, 50, now() + interval '1 hour')`,
    [job()],
  )
  await openAsOperator(page)
  await page.getByRole('button', { name: 'Pause updating this page' }).click()
  await expectAccessible(page)
})
