import { haveLegacySession } from '../steps/legacy-session.ts'
import { button, main, signOut } from '../steps/page.ts'
import { haveStytchSession } from '../steps/stytch-session.ts'
import { expect, test } from '../world/test.ts'

/** The fixture `policyViolations` fails each browser test of the suite after a violation. */

const ada = 'ada@example.com'

const signedOutPages = [
  '/',
  '/login',
  '/login?with=password',
  '/login?with=signup',
  '/login?with=reset',
  '/login?tab=prebuilt',
  '/login?tab=prebuilt&by=code',
  '/authenticate',
  '/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one',
  '/unavailable',
  '/source/middleware.ts',
]
const signedInPages = [
  '/',
  '/login',
  '/dashboard',
  '/nowhere',
  '/control',
  '/control/policy',
  '/control/history',
  '/control/mirror',
  '/control/backfill',
  '/control/switch-off',
]

for (const policy of ['before-the-migration', 'zero-downtime'] as const) {
  test.describe(`every page, ${policy}`, () => {
    test.use({ policy })

    test('has a policy with a new nonce, which all its scripts carry', async ({
      page,
      context,
      policyViolations,
    }) => {
      const nonces = new Set<string>()
      const visit = async (path: string) => {
        const response = await page.goto(path)
        const header = (await response?.headerValue('content-security-policy')) ?? ''
        const nonce = /script-src 'self' 'nonce-([^']+)' 'strict-dynamic'; /.exec(header)?.[1] ?? ''
        expect(nonce, path).not.toBe('')
        expect(nonces.has(nonce), path).toBe(false)
        nonces.add(nonce)
        expect(header).not.toMatch(/script-src[^;]*unsafe/)
        const others = await page.evaluate(
          (own) => [...document.scripts].filter((script) => script.nonce !== own).length,
          nonce,
        )
        // A trusted script may load chunks, which carry no nonce. None is inline.
        const inline = await page.evaluate(
          (own) =>
            [...document.scripts].filter((script) => !script.src && script.nonce !== own).length,
          nonce,
        )
        expect(inline, `${path}, ${others} without the nonce`).toBe(0)
        await expect(main(page)).toBeVisible()
      }
      for (const path of signedOutPages) await visit(path)
      if (policy === 'zero-downtime') await haveStytchSession(context, ada)
      else await haveLegacySession(context, ada)
      for (const path of signedInPages) await visit(path)
      expect(policyViolations).toEqual([])
    })
  })
}

test('an injected inline script, handler or script address does not run', async ({
  page,
  policyViolations,
}) => {
  await page.route('/login', async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replace(
      '</body>',
      `<script>window.injected = 'inline'</script>
       <script nonce="">window.injected = 'empty nonce'</script>
       <img src="data:," onerror="window.injected = 'handler'">
       <script src="/_next/static/injected.js"></script>
       <base href="https://attacker.example/">
       </body>`,
    )
    await route.fulfill({ response, body })
  })
  await page.route('**/injected.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: "window.injected = 'file'" }),
  )
  await page.goto('/login')
  await expect(button(page, 'Continue to sign in').or(main(page)).first()).toBeVisible()
  await expect.poll(() => policyViolations.splice(0).length).toBeGreaterThan(0)
  expect(await page.evaluate(() => (window as { injected?: string }).injected)).toBeUndefined()
  expect(await page.evaluate(() => document.baseURI)).toMatch(/^http:\/\/localhost:/)
  policyViolations.splice(0)
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the sign-out still leads to Auth0 and back', async ({ page, context }) => {
    await haveLegacySession(context, ada)
    await page.goto('/dashboard')
    await signOut(page)
    await expect(page).toHaveURL('/')
  })
})
