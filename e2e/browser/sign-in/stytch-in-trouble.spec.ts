import type { Page } from '@playwright/test'
import { demoPassword, urls } from '../../../sandbox/settings.ts'
import {
  askForCode,
  askForLink,
  askForReset,
  codeFor,
  expectNotSignedIn,
  expectSignedIn,
  linkFor,
  loginAt,
  resetLinkFor,
} from '../../steps/login.ts'
import { button, problem } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import type { Fault } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

test.describe('while Stytch fails', () => {
  test.use({ policy: 'zero-downtime' })

  const troubles: [name: string, fault: Omit<Fault, 'path'>, says: RegExp][] = [
    ['down', { drop: true }, /does not answer\. Try again in a moment/],
    [
      'limiting',
      {
        status: 429,
        body: {
          status_code: 429,
          request_id: 'request-id-test-1',
          error_type: 'too_many_requests',
          error_message: 'Too many requests have been made.',
          error_url: 'https://stytch.com/docs/api/errors/429#too_many_requests',
        },
      },
      /Wait a few seconds and try again/,
    ],
    ['broken', { status: 500, body: '<h1>Bad gateway</h1>' }, /Try again in a moment/],
    // This must be the last one. The next trouble would find its message on the page, and pass too early.
    ['slow', { delayMs: 600_000 }, /took too long to answer\. Try again in a moment/],
  ]
  const secret = 'plover basalt orrery quince'

  /** A form of the login: its fields, its button, and the check of a successful answer. */
  type Form = {
    name: string
    path: string
    submit: string
    password?: string
    open(page: Page, email: string): Promise<void>
    keepsEmail: boolean
    works(page: Page, email: string): Promise<void>
  }
  const mailed = (heading: string) => async (page: Page) =>
    expect(page.getByRole('heading', { name: heading })).toBeVisible()
  const emailForm = async (page: Page, email: string, parameters = {}) => {
    await page.goto(loginAt(parameters))
    await page.getByLabel('Email address').fill(email)
  }
  const forms: Form[] = [
    {
      name: 'a code is asked for',
      path: '/v1/otps/email/login_or_create',
      submit: 'Email me a code',
      open: emailForm,
      keepsEmail: true,
      works: mailed('Enter the code'),
    },
    {
      name: 'a link is asked for',
      path: '/v1/magic_links/email/login_or_create',
      submit: 'Email me a link',
      open: emailForm,
      keepsEmail: true,
      works: mailed('Check your email'),
    },
    {
      name: 'a reset link is asked for',
      path: '/v1/passwords/email/reset/start',
      submit: 'Email me a reset link',
      open: (page, email) => emailForm(page, email, { with: 'reset' }),
      keepsEmail: true,
      works: mailed('Check your email'),
    },
    {
      name: 'a password is typed',
      path: '/v1/passwords/authenticate',
      submit: 'Sign in',
      password: demoPassword,
      async open(page, email) {
        await emailForm(page, email, { with: 'password' })
      },
      keepsEmail: true,
      works: expectSignedIn,
    },
    {
      name: 'a code is entered',
      path: '/v1/otps/authenticate',
      submit: 'Sign in',
      async open(page, email) {
        await askForCode(page, email)
        await page.getByLabel('Six-digit code').fill(await codeFor(email))
      },
      keepsEmail: false,
      async works(page, email) {
        await expectSignedIn(page, email)
      },
    },
    {
      name: 'a new password is set',
      path: '/v1/passwords/email/reset',
      submit: 'Set password and sign in',
      password: secret,
      async open(page, email) {
        await askForReset(page, email)
        await page.goto(await resetLinkFor(email))
      },
      keepsEmail: false,
      works: expectSignedIn,
    },
  ]

  for (const { name, path, submit, password, open, keepsEmail, works } of forms) {
    test(`when ${name}: the page names the next step, and keeps the address but not the password`, async ({
      page,
    }) => {
      const email = 'ada@example.com'
      await open(page, email)
      const answers: Promise<string>[] = []
      page.on('response', (response) => {
        if (response.request().method() === 'POST' && response.url().startsWith(urls.app))
          answers.push(response.text().catch(() => ''))
      })
      for (const [trouble, fault, says] of troubles) {
        await test.step(trouble, async () => {
          await stytch.setFaults([{ ...fault, method: 'POST', path }])
          if (password) await page.getByLabel(/^(?:New p|P)assword$/).fill(password)
          if (submit === 'Sign in' && !password)
            await page.getByLabel('Six-digit code').fill(await codeFor(email))
          const answered = page.waitForResponse(
            (response) => response.request().method() === 'POST',
          )
          await button(page, submit).click()
          expect((await answered).status()).toBe(200)
          await expect(problem(page)).toContainText(says)
          if (keepsEmail) await expect(page.getByLabel('Email address')).toHaveValue(email)
          if (password) {
            await expect(page.getByLabel(/^(?:New p|P)assword$/)).toHaveValue('')
            expect(await page.content()).not.toContain(password)
            for (const answer of await Promise.all(answers)) expect(answer).not.toContain(password)
          }
          await expectNotSignedIn(page)
        })
      }
      await stytch.clearFaults()
      if (password) await page.getByLabel(/^(?:New p|P)assword$/).fill(password)
      if (submit === 'Sign in' && !password)
        await page.getByLabel('Six-digit code').fill(await codeFor(email))
      await button(page, submit).click()
      await works(page, email)
    })
  }

  test('when a user signs up: the page keeps the address but not the password', async ({
    page,
  }) => {
    const email = newAddress()
    await page.goto(loginAt({ with: 'signup' }))
    await page.getByLabel('Email address').fill(email)
    for (const [, fault, says] of troubles) {
      await stytch.setFaults([{ ...fault, method: 'POST', path: '/v1/passwords' }])
      await page.getByLabel('Password', { exact: true }).fill(secret)
      await button(page, 'Create account').click()
      await expect(problem(page)).toContainText(says)
      await expect(page.getByLabel('Email address')).toHaveValue(email)
      await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
      expect(await page.content()).not.toContain(secret)
    }
    await stytch.clearFaults()
    await page.getByLabel('Password', { exact: true }).fill(secret)
    await button(page, 'Create account').click()
    await expectSignedIn(page, email)
  })

  for (const [trouble, fault, says] of troubles) {
    test(`when a link is opened (${trouble}): the link can be opened again later`, async ({
      page,
    }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      await stytch.setFaults([{ ...fault, method: 'POST', path: '/v1/magic_links/authenticate' }])
      await page.goto(link)
      await expect(
        page.getByRole('heading', { name: 'The link did not sign you in' }),
      ).toBeVisible()
      await expect(problem(page)).toContainText(says)
      await expectNotSignedIn(page)
      await stytch.clearFaults()
      await page.goto(link)
      await expectSignedIn(page, 'ada@example.com')
    })
  }
})
