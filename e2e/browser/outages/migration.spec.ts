import { providerCalls } from '../../steps/calls.ts'
import { atOffset } from '../../steps/clock.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import {
  afterBackOff,
  migrationEvents,
  outages,
  stayed,
  untilLateCallsEnded,
} from '../../steps/outages.ts'
import { carriedOver, signedInAt } from '../../steps/page.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

for (const { name, reason, at, fault } of outages) {
  test(`while ${name}, the page stays on the legacy lane, and the session migrates later`, async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    const person = (await me(context)).body.user
    await at.setFaults([fault])

    await page.goto('/dashboard')
    await expect(stayed(page, reason)).toBeVisible()
    await expect(signedInAt(page)).toContainText('Auth0')
    expect((await me(context)).body).toMatchObject({ user: person, session: { lane: 'legacy' } })
    expect((await migrationEvents()).map((event) => [event.result, event.reason])).toEqual([
      ['failed', reason],
    ])

    if (fault.delayMs) await untilLateCallsEnded({ at, fault })
    const calls = await providerCalls()
    await at.clearFaults()
    await page.reload()
    await expect(stayed(page, reason)).toBeVisible()
    expect(await providerCalls()).toEqual(calls)

    await context.setExtraHTTPHeaders(atOffset(afterBackOff))
    await page.reload()
    await expect(carriedOver(page)).toBeVisible()
    await expect(signedInAt(page)).toContainText('Stytch')
    expect((await me(context)).body).toMatchObject({ user: person, session: { lane: 'stytch' } })
    expect((await migrationEvents()).map((event) => event.result)).toEqual(['failed', 'migrated'])
  })
}
