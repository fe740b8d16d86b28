import type { BrowserContext, Page } from '@playwright/test'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { button, main, problem, scriptsRan } from '../../steps/page.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect } from '../../world/test.ts'
import { expectEachAccessible, longWord } from './state.ts'

const ada = 'ada@example.com'

const withRules = {
  cohort: {
    percent: 10,
    organizations: ['acme'],
    countries: ['NZ'],
    ipRanges: ['203.0.113.0/24'],
    minAppVersion: '4.2.0',
  },
  carrySessions: true,
  note: '',
}

/** Opens a page of the control room as an operator. */
async function openControl(page: Page, context: BrowserContext, path: string, says: string) {
  await haveLegacySession(context, ada)
  await page.goto(`/control${path}`)
  // A page that refreshes itself could change while axe checks it. The script adds the button.
  await scriptsRan(page)
  const pause = page.getByRole('button', { name: /^Pause/ })
  if (await pause.isVisible()) await pause.click()
  await expect(main(page)).toContainText(says)
}

/** Adds one of each record that the control room shows. */
async function happen(): Promise<void> {
  for (const [kind, result, lane] of [
    ['migration', 'failed', 'legacy'],
    ['migration', 'refused', 'legacy'],
    ['migration', 'migrated', 'stytch'],
    ['mirror', 'dead', 'stytch'],
    ['sign_in', 'signed_in', 'stytch'],
    ['sign_out', 'signed_out', 'anonymous'],
  ])
    await database.query(
      `insert into events (at, kind, subject, lane, result, reason, milliseconds, policy_version)
       values (now(), $1, 'auth0|6501a0000000000000000001', $2, $3, 'a_reason_that_is_long', 12, 1)`,
      [kind, lane, result],
    )
  for (const minutes of ['1 minute', '9 minutes'])
    for (const lane of ['stytch', 'legacy'])
      await database.query(
        `insert into lane_counts (resolution, at, lane, sessions)
         values ('minute', date_trunc('minute', now() - $1::interval), $2, 1200)
         on conflict (resolution, at, lane) do update set sessions = 1200`,
        [minutes, lane],
      )
  await database.query(
    `insert into mirror_samples (at, waiting, dead) values (date_trunc('minute', now()), 3, 1)
     on conflict do nothing`,
  )
}

expectEachAccessible([
  {
    name: 'control',
    open: (page, context) => openControl(page, context, '', 'Policy in force'),
  },
  {
    name: 'control, with figures, markers and events of every kind, and a table open',
    policy: withRules,
    async open(page, context) {
      await happen()
      await openControl(page, context, '', 'Activity')
      await page.locator('figure summary').first().click()
      await expect(page.getByRole('region', { name: /^Figures: Sessions/ })).toBeVisible()
    },
  },
  {
    name: 'control, over a week, events of a kind of which there are none',
    open: (page, context) =>
      openControl(page, context, '?range=week&kind=sign_out', 'No events of this kind yet'),
  },
  {
    name: 'control, changed',
    async open(page, context) {
      const version = await putPolicy('before-the-migration')
      await openControl(page, context, `?changed=${version}`, 'is the policy in force')
    },
  },
  {
    name: 'control, the database is away',
    async open(page, context) {
      await openControl(page, context, '', 'Policy in force')
      await database.setUp(false)
      await page.reload()
      await expect(main(page)).toContainText('The database does not answer')
    },
  },
  {
    name: 'control, the dials, with rules that are off',
    policy: withRules,
    open: (page, context) => openControl(page, context, '/policy', 'without a trusted proxy'),
  },
  {
    name: 'control, the dials, with problems',
    policy: withRules,
    async open(page, context) {
      await openControl(page, context, '/policy', 'Dial 1')
      await page.getByLabel('Percentage', { exact: true }).fill('250')
      await page.getByLabel(/^Organizations/).fill(longWord.repeat(2))
      await page.getByLabel(/^IP ranges/).fill('10.0.0.0/99')
      await button(page, 'Preview change').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'control, the preview of a rollback, with warnings',
    policy: withRules,
    open: (page, context) =>
      openControl(page, context, '/policy?start=before-the-migration', 'Roll back?'),
  },
  {
    name: 'control, a conflict',
    async open(page, context) {
      await openControl(page, context, '/policy?start=all-at-once', 'Apply this policy?')
      await putPolicy({ cohort: 'everybody', carrySessions: true, note: longWord })
      // The legacy session must still be good when the operator confirms.
      await putPolicy('before-the-migration')
      await button(page, 'Apply policy').click()
      await expect(problem(page)).toBeVisible()
    },
  },
  {
    name: 'control, the organizations',
    policy: withRules,
    open: (page, context) => openControl(page, context, '/organizations', 'It is in the list.'),
  },
  {
    name: 'control, the move of an organization',
    open: (page, context) =>
      openControl(page, context, '/organizations?move=acme&to=stytch', 'Move Acme to Stytch?'),
  },
  {
    name: 'control, the history',
    policy: { ...withRules, note: longWord },
    open: (page, context) => openControl(page, context, '/history', 'In force'),
  },
  {
    name: 'control, the mirror is off',
    open: (page, context) => openControl(page, context, '/mirror', 'The mirror is off'),
  },
  {
    name: 'control, is it safe to switch legacy off?',
    open: (page, context) => openControl(page, context, '/switch-off?days=7', 'Not safe yet'),
  },
])
