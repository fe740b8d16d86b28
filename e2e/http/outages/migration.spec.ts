import { forgetRequests, migrateCalls, migrations, providerCalls } from '../../steps/calls.ts'
import { atOffset } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import {
  afterBackOff,
  atMigrate,
  migrationEvents,
  outages,
  untilLateCallsEnded,
} from '../../steps/outages.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

for (const { name, reason, at, fault } of outages) {
  test(`while ${name}, an API client continues with its token`, async () => {
    const bearer = await auth0.token('ada@example.com')
    const person = (await ask('/api/me', { bearer })).json().user
    await forgetRequests()
    await at.setFaults([fault])
    const door = (headers = {}) => ask('/api/sessions/migrate', { method: 'POST', bearer, headers })

    const started = performance.now()
    const first = await door()
    const answered = performance.now()
    expect(first.status).toBe(503)
    expect(first.json().error.code).toBe(reason)
    const wait = Number(first.headers.get('retry-after'))
    // The pause is 30 seconds and up to a fifth more. It starts with the attempt.
    expect(wait).toBeGreaterThanOrEqual(30 - (answered - started) / 1_000)
    expect(wait).toBeLessThanOrEqual(36)
    const still = await ask('/api/me', { bearer })
    expect(still.json()).toMatchObject({ user: person, session: { lane: 'legacy' } })
    expect(await migrationEvents()).toMatchObject([{ result: 'failed', reason, lane: 'legacy' }])
    // Without an answer of userinfo, the app does not know the account.
    expect([null, person.id]).toContain((await migrationEvents())[0]?.account_id)

    // The stand-in logs a slow call only after the deadline of the app.
    if (fault.delayMs) await untilLateCallsEnded({ at, fault })
    const calls = await providerCalls()
    await at.clearFaults()
    const almost = wait - 5 - (performance.now() - answered) / 1_000
    for (const headers of [{}, atOffset(almost)]) {
      const early = await door(headers)
      expect(early.status).toBe(503)
      expect(early.json().error.code).toBe(reason)
    }
    expect(await providerCalls()).toEqual(calls)
    expect(await migrationEvents()).toHaveLength(1)

    await stytch.forgetRequests()
    const second = await door(atOffset(afterBackOff))
    expect(second.status).toBe(200)
    const after = await ask('/api/me', { bearer: second.json().session_jwt })
    expect(after.json()).toMatchObject({ user: person, session: { lane: 'stytch' } })
    expect(await migrations()).toBe(1)
    expect((await migrationEvents()).map((event) => event.result)).toEqual(['failed', 'migrated'])
    // The app has revoked a session that Stytch opened too late.
    await expect.poll(() => stytch.sessionsOf('ada@example.com')).toBe(1)
  })
}

test('the pauses between retries grow, and every retry is one call', async () => {
  const bearer = await auth0.token('ada@example.com')
  await stytch.setFaults([atMigrate({ drop: true })])
  let offset = 0
  const waits: number[] = []
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const started = performance.now()
    const answer = await ask('/api/sessions/migrate', {
      method: 'POST',
      bearer,
      headers: atOffset(offset),
    })
    expect(answer.status).toBe(503)
    const wait = Number(answer.headers.get('retry-after'))
    waits.push(wait)
    const least = 30 * 2 ** (attempt - 1)
    expect(wait).toBeGreaterThanOrEqual(least - (performance.now() - started) / 1_000)
    expect(wait).toBeLessThanOrEqual(least * 1.2)
    expect(await migrateCalls()).toBe(attempt)
    offset += wait + 1
  }
  expect(waits).toEqual([...waits].sort((a, b) => a - b))
})

test('with both providers down, all signed-in users stay signed in', async () => {
  const legacy = await legacyCookies('ada@example.com')
  const carried = await stytchCookies('ada@example.com')
  for (const cookies of [legacy, carried]) await ask('/dashboard', { cookies })
  for (const each of [stytch, auth0]) await each.setFaults([{ path: '*', drop: true }])
  for (const [cookies, lane] of [
    [legacy, 'legacy'],
    [carried, 'stytch'],
  ] as const) {
    expect((await ask('/api/me', { cookies })).json().session?.lane).toBe(lane)
    expect((await ask('/dashboard', { cookies })).status).toBe(200)
  }
})
