import { asLegacy, asStytch } from '../../steps/flow.ts'
import { me } from '../../steps/me.ts'
import { carriedOver } from '../../steps/page.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.skip(
  ({ legacyProvider }) => legacyProvider !== 'auth0',
  'the in-house login has no organizations',
)

for (const [email, lane] of [
  ['barbara@acme.example', 'stytch'],
  ['dorothy@globex.example', 'legacy'],
  ['grace@example.com', 'legacy'],
] as const) {
  test(`${email} signs in at the legacy provider, and is on the ${lane} lane when the organization acme moves`, async ({
    page,
    context,
  }) => {
    await signInAtLegacy(page, email)
    await roll({ percent: 0, organizations: ['acme'] })
    await page.reload()
    if (lane === 'stytch') await expect(carriedOver(page)).toBeVisible()
    expect((await me(context)).body).toMatchObject({
      user: { email },
      session: { lane },
      flow: lane === 'stytch' ? asStytch('organization') : asLegacy('percent'),
    })
    const sessions = (await stytch.users()).find((user) => user.email === email)?.sessions ?? 0
    expect(sessions).toBe(lane === 'stytch' ? 1 : 0)
  })
}
