import { demoUsers } from '../../sandbox/settings.ts'
import { atOffset } from '../steps/clock.ts'
import { haveLegacySession } from '../steps/legacy-session.ts'
import {
  activeSessions,
  eventsOf,
  failures,
  metricsToken,
  requestsOn,
  samples,
  scrape,
  someMinute,
  storedFailures,
} from '../steps/metrics.ts'
import { carriedOver, problem } from '../steps/page.ts'
import { signInAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { database } from '../world/database.ts'
import { putPolicy } from '../world/policy.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

test('the metrics follow a sign-in and a migration', async ({ page }) => {
  // Sessions of earlier tests would drop out of the five-minute window during this test.
  await database.query('delete from sightings')
  const before = await samples()
  await signInAtLegacy(page, 'ada@example.com')
  await expect
    .poll(samples)
    .toMatchObject({ [activeSessions('legacy')]: (before[activeSessions('legacy')] ?? 0) + 1 })
  const onLegacy = await samples()
  expect(onLegacy[requestsOn('legacy')]).toBeGreaterThan(before[requestsOn('legacy')] ?? 0)
  expect(onLegacy).toMatchObject({ cutover_policy_cohort_ratio: 0, cutover_database_up: 1 })

  const version = await putPolicy('zero-downtime')
  const migrated = eventsOf('migration', 'stytch', 'migrated', 'carried_over')
  await page.reload()
  await expect(carriedOver(page)).toBeVisible()
  const sum = (found: Record<string, number>, name: string, more = 0) => (found[name] ?? 0) + more
  const count = 'cutover_time_to_migrate_seconds_count'
  const claims = 'cutover_claims{state="migrated"}'
  await expect
    .poll(samples)
    .toMatchObject({ [activeSessions('stytch')]: sum(onLegacy, activeSessions('stytch'), 1) })
  const after = await samples()
  expect(after).toMatchObject({
    [migrated]: sum(onLegacy, migrated, 1),
    [count]: sum(onLegacy, count, 1),
    [claims]: sum(onLegacy, claims, 1),
    [activeSessions('legacy')]: onLegacy[activeSessions('legacy')],
    cutover_policy_version: version,
    cutover_policy_cohort_ratio: 1,
    cutover_policy_carries_sessions: 1,
    cutover_mirror_enabled: 0,
  })
  expect(after[requestsOn('stytch')]).toBeGreaterThan(onLegacy[requestsOn('stytch')] ?? 0)
})

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('the metrics name no user, and hold no token', async ({ page, context }) => {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await expect(carriedOver(page)).toBeVisible()
    const secrets = (await context.cookies())
      .map(({ value }) => value)
      .filter((each) => each.length)
    const { text } = await scrape()
    for (const secret of [...secrets, metricsToken]) expect(text).not.toContain(secret)
    for (const { email, name, subject } of demoUsers) {
      for (const personal of [email, name, subject]) expect(text).not.toContain(personal)
    }
    expect(text).not.toMatch(/@|acct_|user-test|session-test|127\.0\.0\.1|localhost/)
  })

  test('the app counts and stores a sign-in that Stytch does not answer as a failure', async ({
    page,
    context,
  }) => {
    const name = failures('sign_in', 'stytch_unavailable')
    const before = (await samples())[name] ?? 0
    await context.setExtraHTTPHeaders(atOffset(someMinute()))
    await stytch.setFaults([{ method: 'POST', path: '/v1/passwords/authenticate', drop: true }])
    await page.goto('/login?with=password')
    for (const attempt of [1, 2]) {
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill('demo-password')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(problem(page)).toContainText('does not answer')
      await expect.poll(samples).toMatchObject({ [name]: before + attempt })
    }
    const event = { kind: 'sign_in', reason: 'stytch_unavailable', subject: null, account_id: null }
    await expect.poll(storedFailures).toEqual([event])
  })
})
