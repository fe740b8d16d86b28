import type { Page } from '@playwright/test'
import { demoPassword } from '../../../sandbox/settings.ts'
import {
  codeFor,
  enterCode,
  expectSignedIn,
  goodPassword,
  linkFor,
  loginAt,
  resetLinkFor,
  typeNewPassword,
} from '../../steps/login.ts'
import { button } from '../../steps/page.ts'
import { expect, test } from './test.ts'

test.describe('refuses a returnTo that leads to another site', () => {
  const evil = 'https://evil.example/'
  const shapes = [
    evil,
    '//evil.example/dashboard',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    'javascript:alert(document.domain)',
    '\u0001https://evil.example',
    '@evil.example',
    '/login?returnTo=https://evil.example/',
    '/auth/login',
  ]

  test.use({ policy: 'zero-downtime' })

  for (const shape of shapes) {
    test(`${JSON.stringify(shape)}: the login ends at the dashboard, also with a tampered form`, async ({
      page,
    }) => {
      await page.goto(loginAt({ with: 'password', returnTo: shape }))
      await expect(page.locator('input[name=returnTo]')).toHaveValue('/dashboard')
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await page.locator('input[name=returnTo]').evaluate((input, value) => {
        ;(input as HTMLInputElement).value = value
      }, shape)
      await button(page, 'Sign in').click()
      await expectSignedIn(page, 'ada@example.com', '/dashboard')
      // The app does the same for a user who is signed in already.
      await page.goto(loginAt({ returnTo: shape }))
      await expect(page.getByRole('link', { name: 'Continue' })).toHaveAttribute(
        'href',
        '/dashboard',
      )
    })
  }

  async function tamper(page: Page): Promise<void> {
    await page.locator('input[name=returnTo]').evaluateAll((inputs, value) => {
      for (const input of inputs) (input as HTMLInputElement).value = value
    }, evil)
  }

  test('with a code', async ({ page }) => {
    await page.goto(loginAt({ returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a code').click()
    await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await tamper(page)
    await enterCode(page, await codeFor('ada@example.com'))
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('with a link', async ({ page }) => {
    await page.goto(loginAt({ returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a link').click()
    await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
    // The app ignores a returnTo in the address of the link.
    const link = new URL(await linkFor('ada@example.com'))
    const token = link.searchParams.get('token') as string
    await page.goto(
      `/authenticate?${new URLSearchParams({ stytch_token_type: 'magic_links', token, returnTo: evil })}`,
    )
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('with a password reset', async ({ page }) => {
    await page.goto(loginAt({ with: 'reset', returnTo: evil }))
    await page.getByLabel('Email address').fill('ada@example.com')
    await tamper(page)
    await button(page, 'Email me a reset link').click()
    await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
    await page.goto(await resetLinkFor('ada@example.com'))
    await typeNewPassword(page, goodPassword)
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test.describe('at the legacy login', () => {
    test.use({ policy: 'before-the-migration' })

    test('with a password', async ({ page, context }) => {
      for (const shape of [evil, '//evil.example', '/\\evil.example']) {
        await context.clearCookies()
        await page.goto(`/auth/login?${new URLSearchParams({ returnTo: shape })}`)
        await page.getByLabel('Email address').fill('ada@example.com')
        await page.getByLabel('Password', { exact: true }).fill(demoPassword)
        await button(page, 'Continue').click()
        await expect(page).toHaveURL('/dashboard')
      }
    })
  })
})
