import { urls } from '../../../sandbox/settings.ts'
import { migrateCalls } from '../../steps/calls.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { act, actionId } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Server actions that another site calls with the user's cookies. */

test.use({ policy: 'zero-downtime' })

for (const origin of [
  'https://evil.example',
  'null',
  'http://localhost:1',
  `${urls.app}.evil.example`,
]) {
  test(`refuses a server action from the origin ${origin.replace(urls.app, 'app')} (CSRF)`, async () => {
    const cookies = await legacyCookies('ada@example.com')
    await stytch.forgetRequests()
    const foreign = await act('migrateSession', '/dashboard', { cookies, headers: { origin } })
    expect(foreign.status).toBeGreaterThanOrEqual(400)
    expect(foreign.sessionCookies).toEqual([])
    expect(await migrateCalls()).toBe(0)

    // The same request from our own page succeeds, so the app refused the origin.
    const own = await act('migrateSession', '/dashboard', { cookies })
    expect(own.result).toMatchObject({ result: 'migrated' })
    expect(await migrateCalls()).toBe(1)
  })

  test(`refuses a form from the origin ${origin.replace(urls.app, 'app')}, which needs no script (CSRF)`, async () => {
    // A browser without script sends a form like this.
    const form = (from: string, cookies: Record<string, string>) =>
      ask('/', {
        method: 'POST',
        cookies,
        body: [
          '--boundary',
          `content-disposition: form-data; name="$ACTION_ID_${actionId('signOut')}"`,
          '',
          '',
          '--boundary--',
          '',
        ].join('\r\n'),
        headers: { origin: from, 'content-type': 'multipart/form-data; boundary=boundary' },
      })
    const cookies = await stytchCookies('ada@example.com')
    await stytch.forgetRequests()
    const foreign = await form(origin, cookies)
    expect(foreign.status).toBeGreaterThanOrEqual(400)
    expect(foreign.headers.getSetCookie().join()).not.toContain('session')
    expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(0)

    expect((await form(urls.app, cookies)).status).toBe(303)
    expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
  })
}
