import type { Page } from '@playwright/test'
import { button, main, signedInAt } from '../../steps/page.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { memberOfBrowser, signInToTeamAtAuth0 } from '../../steps/team.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(async ({ context }) => {
  // Earlier tests have carried members over, and the page counts them.
  await database.query('delete from memberships')
  await haveStytchSession(context, ada)
})

const row = (page: Page, slug: string) => page.locator(`#organization-${slug}`)

/** Opens the confirmation of a move. */
async function ask(page: Page, name: string, to: 'Move to Stytch…' | 'Move back…') {
  await page.goto('/control/organizations')
  await page.getByRole('link', { name: `${to} ${name}` }).click()
}

test('an operator moves one team and moves it back, and nobody is logged out', async ({
  page,
  browser,
}) => {
  const barbaras = await browser.newContext()
  const barbara = await barbaras.newPage()
  await signInToTeamAtAuth0(barbara, 'barbara@acme.example', 'acme')

  await page.goto('/control/organizations')
  await expect(main(page)).toContainText('turns the policy into a rolling one')
  // These tests run without the Management API.
  await expect(main(page)).toContainText('The Management API is not set up')
  await expect(row(page, 'acme')).toContainText('unknown')
  await expect(row(page, 'acme')).toContainText('Both, linked')
  await expect(row(page, 'acme')).toContainText('Legacy login')
  await expect(row(page, 'initech')).toContainText('Stytch only')

  await ask(page, 'Acme', 'Move to Stytch…')
  await expect(main(page)).toContainText('A live session is carried over with the next page')
  await expect(main(page)).toContainText('becomes a rolling one at 0%')
  expect((await latestPolicy()).document).not.toHaveProperty('cohort.organizations')
  await page.getByLabel(/^Note/).fill('The first team')
  await button(page, 'Yes, move to Stytch').click()
  await expect(main(page).getByRole('status')).toContainText('The members of Acme get the Stytch')
  expect(await latestPolicy()).toMatchObject({
    author: ada,
    document: rolling({ organizations: ['acme'] }, true, 'The first team'),
  })
  await expect(row(page, 'acme')).toContainText('It is in the list.')
  await expect(row(page, 'globex')).toContainText('Legacy login')

  await test.step('the member is carried over with the next page, and the control room counts it', async () => {
    await expect(async () => {
      await barbara.reload()
      await expect(signedInAt(barbara)).toContainText('Stytch', { timeout: 1_500 })
    }).toPass()
    await page.goto('/control/organizations')
    await expect(row(page, 'acme')).toContainText('1 of 1')
  })

  await ask(page, 'Acme', 'Move back…')
  await expect(main(page)).toContainText('Nobody is logged out')
  await button(page, 'Yes, move back').click()
  await expect(main(page).getByRole('status')).toContainText('get the login of Auth0')
  expect(await latestPolicy()).toMatchObject({ document: { note: 'Acme moved back' } })
  expect((await memberOfBrowser(barbaras, 'acme')).body.session.lane).toBe('stytch')
  await barbaras.close()
})

test('another operator changes the policy meanwhile: nothing is moved, and the operator decides again', async ({
  page,
}) => {
  await ask(page, 'Acme', 'Move to Stytch…')
  await page.getByLabel(/^Note/).fill('Mine')
  const other = await putPolicy(rolling({ percent: 0, organizations: ['globex'] }, false))
  await button(page, 'Yes, move to Stytch').click()
  await expect(main(page).getByRole('alert')).toContainText(`now at version ${other}`)
  expect((await latestPolicy()).version).toBe(other)
  await expect(main(page)).toContainText('They must sign in again at Stytch')
  await expect(page.getByLabel(/^Note/)).toHaveValue('Mine')
  await button(page, 'Yes, move to Stytch').click()
  await expect(main(page).getByRole('status')).toContainText('Acme')
  expect((await latestPolicy()).document).toEqual(
    rolling({ organizations: ['globex', 'acme'] }, false, 'Mine'),
  )
})

test('under a policy of everybody, the page says why no team can be moved back alone', async ({
  page,
}) => {
  await putPolicy('zero-downtime')
  await page.goto('/control/organizations')
  await expect(main(page)).toContainText('everybody except')
  await expect(page.getByRole('link', { name: /^Move/ })).toHaveCount(0)
  await page.goto('/control/organizations?move=acme&to=legacy')
  await expect(main(page)).toContainText('everybody except Acme')
  await expect(page.getByRole('button', { name: /^Yes/ })).toHaveCount(0)
})

test('refuses a user who is no operator', async ({ page, context }) => {
  await context.clearCookies()
  await haveStytchSession(context, 'grace@example.com')
  expect((await page.goto('/control/organizations?move=acme&to=stytch'))?.status()).toBe(403)
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('an operator moves a team, also while Stytch does not answer', async ({ page }) => {
    await ask(page, 'Acme', 'Move to Stytch…')
    await button(page, 'Yes, move to Stytch').click()
    await expect(main(page).getByRole('status')).toContainText('The members of Acme')
    await stytch.setFaults([{ method: 'POST', path: '/v1/b2b/organizations/search', drop: true }])
    await page.goto('/control/organizations')
    await expect(main(page)).toContainText('Stytch does not answer')
    await page.getByRole('link', { name: 'Move back… Acme' }).click()
    await button(page, 'Yes, move back').click()
    await expect(main(page).getByRole('status')).toContainText('get the login of Auth0')
  })
})
