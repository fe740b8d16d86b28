import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { expectNoToken, readable } from '../../steps/no-token.ts'
import { ask } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

test('refuses to write a legacy token into a page, an answer or a header', async () => {
  const accessToken = await auth0.token('ada@example.com')
  const refreshToken = (await auth0.grant('ada@example.com')).refresh_token
  const cookies = await legacyCookies('ada@example.com', { accessToken, refreshToken })
  const secrets = [accessToken, refreshToken, ...Object.values(cookies)]
  for (const [path, headers] of [
    ['/', {}],
    ['/dashboard', {}],
    ['/dashboard', { rsc: '1' }],
    ['/login', {}],
    ['/control', {}],
    ['/api/me', {}],
    ['/nowhere', {}],
  ] as const) {
    expectNoToken(readable(await ask(path, { cookies, headers })), secrets)
  }
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'migrated' })
  const opened = action.sessionCookies.map((line) => line.split(/[=;]/)[1])
  expect(opened.length).toBe(2)
  expectNoToken(readable(action), [...secrets, ...opened])
  const events = JSON.stringify(await database.query('select * from events'))
  const claims = JSON.stringify(await database.query('select * from claims'))
  expectNoToken(events + claims, [...secrets, ...opened])
})

test('refuses to write a Stytch token into a page, an answer or a header, a refreshed one too', async () => {
  for (const claims of [{}, { exp: epochSeconds() - 1 }]) {
    const cookies = await stytchCookies('ada@example.com', { claims })
    for (const [path, headers] of [
      ['/', {}],
      ['/dashboard', {}],
      ['/dashboard', { rsc: '1' }],
      ['/login', {}],
      ['/control', {}],
      ['/api/me', {}],
    ] as const) {
      const answer = await ask(path, { cookies, headers })
      const fresh = answer.sessionCookies.map((line) => line.split(/[=;]/)[1])
      expectNoToken(readable(answer), [...Object.values(cookies), ...fresh])
    }
  }
})
