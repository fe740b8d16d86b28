import { choice, confirm } from '../../steps/control-room.ts'
import { button, main, scriptsRan } from '../../steps/page.ts'
import { latestPolicy } from '../../steps/policies.ts'
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

test('the policy that an operator applies has each rule that they typed', async ({ page }) => {
  const before = await latestPolicy()
  await page.goto('/control/policy')
  await choice(page, 'By rules').check()
  await page.getByLabel('Percentage', { exact: true }).fill('12.5')
  await page.getByLabel(/^Minimum app version/).fill('4.2.0')
  await page.getByLabel(/^Organizations/).fill('acme\nglobex, acme')
  await page.getByLabel('New sign-ups start at Stytch').check()
  await page.getByLabel(/^IP ranges/).fill('203.0.113.0/24\n2001:db8::/32')
  await page.getByLabel(/^Countries/).fill('nz, AU')
  await choice(page, 'Sign in again').check()
  await page.getByLabel(/^Note/).fill('First the friendly ones')
  await button(page, 'Preview change').click()

  // The app knows the names of organizations after somebody has opened them.
  await expect(main(page)).toContainText(
    /About 12.5% of visitors, (?:2 organizations|Acme and Globex), 2 countries, 2 IP ranges and new sign-ups get the Stytch login/,
  )
  expect(await latestPolicy()).toEqual(before)
  await confirm(page)
  expect(await latestPolicy()).toEqual({
    version: before.version + 1,
    author: ada,
    document: {
      cohort: {
        percent: 12.5,
        organizations: ['acme', 'globex'],
        newSignUps: true,
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

test('users with MFA are migrated only after the operator chose it and saw the warning', async ({
  page,
}) => {
  await putPolicy('zero-downtime')
  await page.goto('/control')
  const pace = page.getByRole('region', { name: 'Migration pace' })
  await expect(pace).toContainText('Users kept back for MFA0')
  await expect(pace).toContainText('at most 50 migrations a second')

  await page.goto('/control/policy')
  await expect(choice(page, 'Stay on legacy')).toBeChecked()
  await choice(page, 'Also migrate').check()
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText('asks for one factor only')
  await confirm(page)
  expect((await latestPolicy()).document).toEqual({
    cohort: 'everybody',
    carrySessions: true,
    allowMfaDowngrade: true,
    note: '',
  })

  await page.goto('/control/policy')
  await choice(page, 'Sign in again').check()
  // The choice also decides who may sign in at Stytch, so it stays.
  await expect(choice(page, 'Stay on legacy')).toBeVisible()
})

for (const [name, cohort, carry, document] of [
  ['zero-downtime', 'Everybody', 'Migrate', { cohort: 'everybody', carrySessions: true }],
  ['all-at-once', 'Everybody', 'Sign in again', { cohort: 'everybody', carrySessions: false }],
  ['nobody', 'Nobody', null, { cohort: 'nobody', carrySessions: false }],
] as const) {
  test(`the dials make the option ${name}`, async ({ page }) => {
    await putPolicy(rolling({ percent: 77 }))
    await page.goto('/control/policy')
    await choice(page, cohort).check()
    if (carry) await choice(page, carry).check()
    else await expect(choice(page, 'Sign in again')).toBeHidden()
    await expect(page.getByLabel('Percentage', { exact: true })).toBeHidden()
    await button(page, 'Preview change').click()
    await confirm(page, cohort === 'Nobody' ? 'Yes, roll back' : 'Apply policy')
    expect((await latestPolicy()).document).toEqual({ ...document, note: '' })
  })
}

test('the slider sets the percentage', async ({ page }) => {
  await putPolicy(rolling({ percent: 10 }))
  await page.goto('/control/policy')
  await page.getByLabel('Percentage slider').focus()
  for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowRight')
  await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('15')
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText('rises from 10% to 15%. About 5% of visitors join')
  await confirm(page)
  expect((await latestPolicy()).document).toEqual(rolling({ percent: 15 }))
})

test('the form names every invalid field, at the field and in a summary, and keeps the input', async ({
  page,
}) => {
  await putPolicy(rolling({ percent: 10 }))
  const before = await latestPolicy()
  await page.goto('/control/policy')
  await scriptsRan(page)
  const wrong = [
    ['Percentage', '101', /from 0 to 100/],
    ['Minimum app version', '4.2', /three numbers/],
    ['IP ranges', '10.0.0.0/8\n10.0.0.0/99', /“10.0.0.0\/99” is not/],
    ['Countries', 'NZ, Narnia', /“NARNIA” is not/],
    ['Organizations', `acme, ${'o'.repeat(129)}`, /is longer/],
    ['Note', 'x'.repeat(501), /500 characters/],
  ] as const
  const field = (label: string) => page.getByRole('textbox', { name: new RegExp(`^${label}`) })
  for (const [label, value] of wrong) await field(label).fill(value)
  await button(page, 'Preview change').click()
  const summary = main(page).getByRole('alert')
  await expect(summary.getByRole('link')).toHaveCount(wrong.length)
  for (const [label, value, problem] of wrong) {
    await expect(field(label)).toHaveValue(value)
    await expect(field(label)).toHaveAttribute('aria-invalid', 'true')
    await expect(field(label)).toHaveAccessibleDescription(problem)
    await summary.getByRole('link', { name: problem }).click()
    await expect(field(label)).toBeFocused()
  }
  expect(await latestPolicy()).toEqual(before)

  await field('Percentage').fill('11')
  await field('Minimum app version').fill('')
  await field('IP ranges').fill('')
  await field('Countries').fill('')
  await field('Organizations').fill('')
  await field('Note').fill('')
  await button(page, 'Preview change').click()
  await confirm(page)
  expect((await latestPolicy()).document).toEqual(rolling({ percent: 11 }))
})

test('the form and the preview say when a rule is off', async ({ page }) => {
  await putPolicy(rolling({ percent: 10, countries: ['NZ'], ipRanges: ['203.0.113.0/24'] }))
  await page.goto('/control/policy')
  await expect(page.getByLabel(/^IP ranges/)).toHaveAccessibleDescription(/TRUSTED_PROXY_HOPS/)
  await expect(page.getByLabel(/^Countries/)).toHaveAccessibleDescription(/GEO_COUNTRY_HEADER/)
  await page.getByLabel('Percentage', { exact: true }).fill('0')
  await button(page, 'Preview change').click()
  for (const text of [/rule for IP ranges is off/, /rule for countries is off/, /put nobody/])
    await expect(main(page)).toContainText(text)
})

test('the preview estimates from the sessions that the app has seen, and stays when the draft changes', async ({
  page,
}) => {
  await database.query(
    `insert into lane_counts (resolution, at, lane, sessions)
     values ('hour', date_trunc('hour', now()), 'legacy', 400)`,
  )
  await page.goto('/control/policy?start=rolling')
  await page.getByLabel('Percentage', { exact: true }).fill('25')
  await page.getByLabel(/^Note/).fill('Slowly')
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText(
    'Estimate from 400 legacy sessions in a recent hour: about 100 would be migrated, by the percentage alone.',
  )
  await button(page, 'Edit draft').click()
  await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('25')
  await expect(page.getByLabel(/^Note/)).toHaveValue('Slowly')
})
