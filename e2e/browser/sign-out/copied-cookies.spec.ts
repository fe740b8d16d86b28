import { migrateCalls } from '../../steps/calls.ts'
import { moveClock } from '../../steps/clock.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import { signOut } from '../../steps/page.ts'
import { act } from '../../steps/server-action.ts'
import {
  haveCarriedOver,
  inAnotherBrowser,
  sessionCookies,
  signInAtStytch,
} from '../../steps/sign-out.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An attacker has copied the cookies of a browser before its user signs out. */

const ada = 'ada@example.com'

test('refuses a Stytch session to a copy of both sessions', async ({ page, context }) => {
  await haveLegacySession(context, ada)
  await putPolicy('zero-downtime')
  await haveCarriedOver(page)
  const thief = await inAnotherBrowser(context, () => signOut(page))
  // The thief tries both sessions, and then the legacy one alone.
  for (const without of [null, /^stytch_session/]) {
    if (without) await thief.clearCookies({ name: without })
    // No server can revoke a JWT of Stytch, so the test waits until its five minutes are over.
    await moveClock(thief, 6 * 60)
    const theirs = await thief.newPage()
    await theirs.goto('/dashboard')
    await expect(theirs).toHaveURL(/\/login/)
    expect((await me(thief)).status).toBe(401)
    await theirs.close()
  }
  expect(await stytch.sessionsOf(ada)).toBe(0)
  expect(await migrateCalls()).toBe(1)
  await thief.close()
})

test('refuses to carry over a copy of a legacy session that was signed out before the migration', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, ada)
  await page.goto('/dashboard')
  const thief = await inAnotherBrowser(context, () => signOut(page))
  await putPolicy('zero-downtime')
  const theirs = await thief.newPage()
  await theirs.goto('/dashboard')
  await expect(theirs).toHaveURL(/\/login/)
  expect((await thief.cookies()).filter(({ name }) => name.startsWith('stytch_'))).toEqual([])
  expect(await migrateCalls()).toBe(0)
  await thief.close()
})

test('refuses a copy of the Stytch cookies once its JWT has expired', async ({ page, context }) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  const thief = await inAnotherBrowser(context, () => signOut(page))
  await moveClock(thief, 6 * 60)
  const answer = await thief.request.get('/api/me')
  expect(answer.status()).toBe(401)
  // The app removes the cookies, so that it does not ask Stytch about them again.
  expect(await sessionCookies(thief)).toEqual([])
  await thief.close()
})

test('the event names the account and the lane, and holds no token', async ({ page, context }) => {
  await putPolicy('zero-downtime')
  await signInAtStytch(page)
  const { id } = (await me(context)).body.user
  const cookies = await sessionCookies(context)
  const tokens = cookies.map(({ value }) => value)
  await signOut(page)
  // A copy of the cookies is valid until the JWT expires. Its sign-outs must not add events.
  const copied = Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
  for (let n = 0; n < 3; n += 1) await act('signOut', '/dashboard', { cookies: copied })
  const events = await database.query<{ account_id: string; result: string; reason: string }>(
    "select * from events where kind = 'sign_out'",
  )
  expect(events).toEqual([
    expect.objectContaining({ account_id: id, result: 'signed_out', reason: 'stytch' }),
  ])
  for (const token of tokens) expect(JSON.stringify(events)).not.toContain(token)
})
