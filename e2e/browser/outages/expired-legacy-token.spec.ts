import type { BrowserContext, Page } from '@playwright/test'
import { forgetRequests, migrateCalls, migrations } from '../../steps/calls.ts'
import { atOffset, epochSeconds } from '../../steps/clock.ts'
import {
  haveLegacySession,
  type legacyCookies,
  legacyCookiesOf,
} from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import { afterBackOff, html, migrationEvents, stayed } from '../../steps/outages.ts'
import { carriedOver } from '../../steps/page.ts'
import { act } from '../../steps/server-action.ts'
import { auth0 } from '../../world/auth0.ts'
import { count, type Fault } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** A legacy session whose access token has expired. */

test.use({ policy: 'zero-downtime' })

const refreshes = () => count(auth0, 'POST', '/oauth/token')
const expired = async (over: Parameters<typeof legacyCookies>[1] = {}) => ({
  accessToken: await auth0.token('ada@example.com', { expiresInSeconds: -10 }),
  expiresAt: epochSeconds() - 10,
  ...over,
})
const visit = async (context: BrowserContext, page: Page, over?: object) => {
  await haveLegacySession(context, 'ada@example.com', await expired(over))
  await forgetRequests()
  await page.goto('/dashboard')
}

test('an expired token with a live refresh token is refreshed once, and the app carries the session over', async ({
  page,
  context,
}) => {
  const dormant = () => legacyCookiesOf(context)
  await visit(context, page)
  await expect(carriedOver(page)).toBeVisible()
  expect(await refreshes()).toBe(1)
  expect(await migrations()).toBe(1)
  expect((await me(context)).body.session.lane).toBe('stytch')
  // The app kept the rotated refresh token, so the dormant legacy session still works.
  await context.clearCookies({ name: /^stytch_session/ })
  expect((await me(context)).body.session.lane).toBe('legacy')
  expect(await dormant()).not.toEqual([])
  const cookies = Object.fromEntries((await dormant()).map(({ name, value }) => [name, value]))
  const again = await act('migrateSession', '/dashboard', { cookies })
  expect(again.result).toMatchObject({ result: 'migrated' })
  expect(await refreshes()).toBe(1)
  expect(await stytch.sessionsOf('ada@example.com')).toBe(1)
})

for (const [name, refreshToken, reason] of [
  ['without a refresh token', null, 'refresh_token_missing'],
  ['with a revoked refresh token', 'revoked-long-ago', 'refresh_token_refused'],
] as const) {
  test(`an expired token ${name} leaves the user on the legacy lane, and the event says why`, async ({
    page,
    context,
  }) => {
    await visit(context, page, { refreshToken })
    await expect(stayed(page, reason)).toBeVisible()
    expect((await me(context)).body.session.lane).toBe('legacy')
    expect(
      (await migrationEvents()).map((event) => [event.result, event.reason, event.lane]),
    ).toEqual([['refused', reason, 'legacy']])
    expect(await refreshes()).toBe(refreshToken ? 1 : 0)
    expect(await migrateCalls()).toBe(0)
    // The app does not ask again with every page.
    await page.reload()
    await expect(stayed(page, reason)).toBeVisible()
    expect(await refreshes()).toBe(refreshToken ? 1 : 0)
  })
}

for (const [name, fault, reason] of [
  ['is down', { drop: true }, 'legacy_unavailable'],
  ['answers 500', { status: 500 }, 'legacy_unavailable'],
  ['answers 429', { status: 429 }, 'legacy_unavailable'],
  ['is slow past the deadline', { status: 503, delayMs: 6_000 }, 'legacy_unavailable'],
  ['answers with a page', { status: 200, body: html }, 'legacy_unavailable'],
] as [string, Omit<Fault, 'path'>, string][]) {
  test(`while the token endpoint ${name}, the app does not refresh an expired token, and later it does`, async ({
    page,
    context,
  }) => {
    await auth0.setFaults([{ method: 'POST', path: '/oauth/token', ...fault }])
    await visit(context, page)
    await expect(stayed(page, reason)).toBeVisible()
    expect((await me(context)).body.session.lane).toBe('legacy')
    expect((await migrationEvents()).map((event) => [event.result, event.reason])).toEqual([
      ['failed', reason],
    ])
    await auth0.clearFaults()
    await context.setExtraHTTPHeaders(atOffset(afterBackOff))
    await page.reload()
    await expect(carriedOver(page)).toBeVisible()
  })
}
