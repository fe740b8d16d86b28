import { urls } from '../../../sandbox/settings.ts'
import { asLegacy, shown } from '../../steps/flow.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import { carriedOver, main, signOut } from '../../steps/page.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { expect, test } from '../../world/test.ts'

test('a percentage shows each browser one login, and the same one after a reload', async ({
  browser,
}) => {
  const pages = await Promise.all(
    Array.from({ length: 4 }, async () =>
      (await browser.newContext({ baseURL: urls.app })).newPage(),
    ),
  )
  const seen: Record<number, string[]> = {}
  for (const percent of [0, 25, 50, 100]) {
    await roll({ percent })
    seen[percent] = []
    for (const page of pages) {
      await page.goto('/login')
      const flow = shown({ text: (await main(page).textContent()) ?? '' })
      seen[percent].push(flow)
      expect((await me(page.context())).body.flow).toEqual({ name: flow, reason: 'percent' })
    }
  }
  expect(seen[0]).toEqual(Array(4).fill('legacy'))
  expect(seen[100]).toEqual(Array(4).fill('stytch'))
  await roll({ percent: 50 })
  for (const [at, page] of pages.entries()) {
    await page.reload()
    const text = (await main(page).textContent()) ?? ''
    expect(shown({ text })).toBe(seen[50]?.[at])
    await page.context().close()
  }
})

test('lowering the percentage ends no Stytch session', async ({ page, context }) => {
  await roll({ percent: 100 })
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()
  const { user } = (await me(context)).body
  for (const percent of [25, 1, 0]) {
    await roll({ percent })
    const response = await page.goto('/dashboard')
    expect(response?.status()).toBe(200)
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
  }
  const { body } = await me(context)
  expect(body).toMatchObject({ user, session: { lane: 'stytch' }, flow: asLegacy('percent') })
  // Only the next sign-in uses the other provider.
  await signOut(page)
  await page.goto('/dashboard')
  await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
})
