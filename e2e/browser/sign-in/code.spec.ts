import { moveClock } from '../../steps/clock.ts'
import {
  askForCode,
  codeFor,
  enterCode,
  expectNotSignedIn,
  expectSignedIn,
} from '../../steps/login.ts'
import { button, main, problem } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`a code by email, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled, policy: 'zero-downtime' })

    test('signs in, and leads to the page that the user wanted', async ({ page, context }) => {
      const email = newAddress()
      await askForCode(page, email)
      await expectNotSignedIn(page)
      await enterCode(page, await codeFor(email))
      await expectSignedIn(page, email)
      expect(await stytch.sessionsOf(email)).toBe(1)
      const calls = (await stytch.requests()).map(({ method, path, status }) => [
        method,
        path,
        status,
      ])
      expect(calls.filter(([, path]) => String(path).includes('/otps/'))).toEqual([
        ['POST', '/v1/otps/email/login_or_create', 200],
        ['POST', '/v1/otps/authenticate', 200],
      ])
      // The browser itself sent no request to Stytch.
      expect(calls.filter(([, path]) => String(path).startsWith('/sdk/'))).toEqual([])
      // The app has removed the cookie of the pending sign-in.
      expect((await context.cookies()).map(({ name }) => name)).not.toContain('auth_pending')
    })

    test('when wrong, is reported, and the user can type it again', async ({ page }) => {
      const email = newAddress()
      await askForCode(page, email)
      const code = await codeFor(email)
      await enterCode(page, code === '123456' ? '654321' : '123456')
      await expect(problem(page)).toContainText('This code is wrong or has expired.')
      await expect(main(page)).toContainText(email)
      await expectNotSignedIn(page)
      // Mails show the code with a space in the middle, so a user may paste it like that.
      await enterCode(page, `${code.slice(0, 3)} ${code.slice(3)}`)
      await expectSignedIn(page, email)
    })

    test('when expired, is reported, and a new one works', async ({ page, context }) => {
      await askForCode(page, 'ada@example.com')
      const old = await codeFor('ada@example.com')
      await moveClock(context, 11 * 60)
      await enterCode(page, old)
      await expect(problem(page)).toContainText('has expired')
      await expectNotSignedIn(page)
      // The mail may arrive before the answer. The page accepts the new code only after the answer.
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await button(page, 'Send a new code').click()
      await answered
      await expect.poll(() => codeFor('ada@example.com')).not.toBe(old)
      // React replaces the form, and drops any input in the old one.
      await expect(problem(page)).toHaveCount(0)
      await enterCode(page, await codeFor('ada@example.com'))
      await expectSignedIn(page, 'ada@example.com')
    })

    test('works for the ten minutes that the page promises', async ({ page, context }) => {
      await askForCode(page, 'ada@example.com')
      await expect(main(page)).toContainText('10 minutes')
      await moveClock(context, 9 * 60)
      await enterCode(page, await codeFor('ada@example.com'))
      await expectSignedIn(page, 'ada@example.com')
    })
  })
}
