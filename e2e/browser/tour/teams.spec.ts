import { button, main, notes, signedInAt } from '../../steps/page.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { memberMigrations, memberOfBrowser, signInToTeamAtAuth0 } from '../../steps/team.ts'
import { expectDone, fact, openTour } from '../../steps/tour.ts'
import { expect, test } from '../../world/test.ts'

test('the tour follows a team that moves to Stytch and back', async ({ page, context }) => {
  // The operator's session is a consumer's, and stays beside that of the team.
  await haveStytchSession(context, 'ada@example.com')
  const tour = await openTour(context, 'teams')
  await expectDone(tour, 0, 4)
  await signInToTeamAtAuth0(page, 'barbara@acme.example', 'acme')
  await expectDone(tour, 1, 4)
  await expect(fact(tour, 'Team')).toContainText('acme Legacy lane')
  await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
  const text = `Before the move ${crypto.randomUUID()}`
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)

  await page.goto('/control/organizations')
  await page.getByRole('link', { name: 'Move to Stytch… Acme' }).click()
  await button(page, 'Yes, move to Stytch').click()
  await expect(main(page).getByRole('status')).toContainText('Acme')
  await expectDone(tour, 2, 4)
  await page.goto('/team/globex/login')
  await expect(main(page)).toContainText('Continue to sign in')

  await page.goto('/team/acme')
  await expectDone(tour, 3, 4)
  await page.reload()
  await expect(signedInAt(page)).toContainText('Stytch')
  await expect(notes(page)).toContainText(text)
  expect(await memberMigrations()).toBe(1)

  await page.goto('/control/organizations')
  await page.getByRole('link', { name: 'Move back… Acme' }).click()
  await button(page, 'Yes, move back').click()
  await expectDone(tour, 4, 4)
  expect((await memberOfBrowser(context, 'acme')).body.session.lane).toBe('stytch')
})
