import {
  expectNotSignedIn,
  expectSignedIn,
  goodPassword,
  loginAt,
  typePassword,
} from '../../steps/login.ts'
import { button, problem } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`a password, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled, policy: 'zero-downtime' })

    test('when imported from Auth0, signs in', async ({ page }) => {
      await typePassword(page, { email: 'ada@example.com' })
      await expectSignedIn(page, 'ada@example.com')
      expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
    })

    test('when wrong, is cleared, and the form keeps the address and does not tell who has an account', async ({
      page,
    }) => {
      const said: string[] = []
      for (const email of ['ada@example.com', newAddress()]) {
        await typePassword(page, { email, password: 'not-hers-at-all' })
        await expect(problem(page)).toBeVisible()
        said.push((await problem(page).textContent()) ?? '')
        await expect(page.getByLabel('Email address')).toHaveValue(email)
        await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
        expect(await page.content()).not.toContain('not-hers-at-all')
        expect(page.url()).not.toContain('not-hers-at-all')
      }
      expect(said[0]).toContain('The email address or the password is wrong.')
      expect(said[1]).toBe(said[0])
      await expectNotSignedIn(page)
    })

    test('can be chosen to sign up', async ({ page }) => {
      const email = newAddress()
      await page.goto(loginAt())
      await page.getByRole('link', { name: 'Create an account with a password' }).click()
      await page.getByLabel('Email address').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(goodPassword)
      await button(page, 'Create account').click()
      await expectSignedIn(page, email)
    })

    for (const [what, password, says] of [
      ['too easy to guess', 'password1', 'too easy to guess'],
      ['known from a leak', 'correct horse battery staple', 'appeared in a data leak'],
    ] as const) {
      test(`that is ${what} cannot be used to sign up`, async ({ page }) => {
        const email = newAddress()
        await typePassword(page, { email, password, as: 'signup' })
        await expect(problem(page)).toContainText(says)
        await expect(page.getByLabel('Email address')).toHaveValue(email)
        await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
        await expectNotSignedIn(page)
        expect(await stytch.sessionsOf(email)).toBeUndefined()

        await page.getByLabel('Password', { exact: true }).fill(goodPassword)
        await button(page, 'Create account').click()
        await expectSignedIn(page, email)
      })
    }

    test('cannot be chosen for an address that has an account', async ({ page }) => {
      await typePassword(page, {
        email: 'ada@example.com',
        password: goodPassword,
        as: 'signup',
      })
      await expect(problem(page)).toContainText('Sign in instead')
      await expect(page.getByLabel('Email address')).toHaveValue('ada@example.com')
      await expectNotSignedIn(page)
    })
  })
}
