import { haveLegacySession } from '../../steps/legacy-session.ts'
import { signOut } from '../../steps/page.ts'
import { expectSignedOut, haveCarriedOver, signInAtStytch } from '../../steps/sign-out.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

const ada = 'ada@example.com'

for (const [trouble, fault] of [
  ['down', { drop: true }],
  ['slow', { delayMs: 600_000 }],
  ['failing', { status: 500, body: { error: 'no' } }],
] as const) {
  test(`with both providers ${trouble}, a sign-out removes all cookies`, async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, ada)
    await haveCarriedOver(page)
    await stytch.setFaults([{ path: '/v1/*', ...fault }])
    await auth0.setFaults([{ path: '/oauth/revoke', ...fault }])
    await signOut(page)
    await expectSignedOut(context)
    await page.goto('/dashboard')
    await expect(page).toHaveURL(/\/login/)
  })
}

test('with the database down, a sign-out removes all cookies', async ({ page, context }) => {
  await signInAtStytch(page)
  await database.setUp(false)
  await signOut(page)
  await expectSignedOut(context)
  expect(await stytch.sessionsOf(ada)).toBe(0)
})
