import { haveLegacySession } from '../../steps/legacy-session.ts'
import { typePassword, wanted } from '../../steps/login.ts'
import { expectNoToken } from '../../steps/no-token.ts'
import { carriedOver } from '../../steps/page.ts'
import { expect, test } from '../../world/test.ts'

test.describe('with sign-in all at once', () => {
  test.use({ policy: 'all-at-once' })

  test("refuses to keep another user's legacy session when a new user signs in at Stytch", async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'grace@example.com')
    await typePassword(page, { email: 'ada@example.com' })
    await page.waitForURL(wanted)
    const names = (await context.cookies()).map(({ name }) => name)
    expect(names).toContain('stytch_session')
    expect(names.filter((name) => name.startsWith('__session'))).toEqual([])
  })
})

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('refuses to show a token to a script', async ({ page, context }) => {
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await expect(carriedOver(page)).toBeVisible()
    const cookies = (await context.cookies()).filter(({ name }) => /session/.test(name))
    expect(cookies.length).toBeGreaterThanOrEqual(3)
    const visible = await page.evaluate(() =>
      [
        document.cookie,
        document.documentElement.outerHTML,
        JSON.stringify({ ...localStorage }),
        JSON.stringify({ ...sessionStorage }),
        location.href,
      ].join('\n'),
    )
    const secrets = cookies.map(({ value }) => value)
    expectNoToken(visible + addresses.join('\n'), secrets)
  })
})
