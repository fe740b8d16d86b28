import { forgetRequests, migrations, providerCalls } from '../../steps/calls.ts'
import { haveLegacySession, legacyCookies } from '../../steps/legacy-session.ts'
import { stayed } from '../../steps/outages.ts'
import { carriedOver, signedInAt } from '../../steps/page.ts'
import { controlToken, policyPath } from '../../steps/policy-api.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

test('with the database down, the app serves known users on both lanes, and migrates no session twice', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  const legacy = await legacyCookies('ada@example.com')
  const bearer = await auth0.token('ada@example.com')
  const carried = await stytchCookies('dorothy@globex.example')
  for (const cookies of [legacy, carried]) {
    for (const path of ['/api/me', '/dashboard']) {
      expect((await ask(path, { cookies })).status).toBe(200)
    }
  }
  await forgetRequests()

  await database.setUp(false)
  try {
    for (const [cookies, lane] of [
      [legacy, 'legacy'],
      [carried, 'stytch'],
    ] as const) {
      const api = await ask('/api/me', { cookies })
      expect(api.status).toBe(200)
      expect(api.json().session.lane).toBe(lane)
      const shown = await ask('/dashboard', { cookies })
      expect(shown.status).toBe(200)
      expect(shown.text).toContain('Your notes are unavailable')
    }
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(503)
    expect(door.json().error.code).toBe('database_unavailable')
    expect(door.headers.get('retry-after')).toBe('30')
    await page.goto('/dashboard')
    await expect(stayed(page, 'database_unavailable')).toBeVisible()
    await expect(signedInAt(page)).toContainText('Auth0')
    expect(await providerCalls()).toEqual([])
    expect((await ask(policyPath, { bearer: controlToken })).status).toBe(503)
  } finally {
    await database.setUp(true)
  }

  await page.reload()
  await expect(carriedOver(page)).toBeVisible()
  await page.reload()
  await expect(signedInAt(page)).toContainText('Stytch')
  expect(await migrations()).toBe(1)
  expect(await stytch.sessionsOf('ada@example.com')).toBe(1)
})
