import { decodeJwt } from 'jose'
import { stytchProject, urls } from '../sandbox/settings.ts'
import { auth0, count, database, putPolicy, stytch } from './stand-ins.ts'
import { act, ask, expect, haveLegacySession, legacyCookies, stytchCookies, test } from './test.ts'

/** Genuine sessions in the wrong hands, beside the wrong neighbour, or on a request that must not use them. */

const migrate = '/v1/sessions/migrate'
/** How many migrations Stytch agreed to; someone it does not know takes a first call that it does not. */
const migrations = async () =>
  (await stytch.requests()).filter(({ path, status }) => path === migrate && status === 200).length
const seconds = () => Math.floor(Date.now() / 1_000)

/** A call to Stytch's backend API with the project's own keys. */
async function stytchApi(method: string, path: string, body?: object) {
  const { projectId, secret } = stytchProject
  const response = await fetch(`${urls.stytch}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${projectId}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

const identitiesOf = (accountId: string) =>
  database.query<{ issuer: string; subject: string }>(
    'select issuer, subject from identities where account_id = $1 order by issuer, subject',
    [accountId],
  )
const migrationEvents = () =>
  database.query<{ result: string; reason: string; lane: string; account_id: string | null }>(
    `select result, reason, lane, account_id from events where kind = 'migration' order by id`,
  )

test.describe('both cookies present and disagreeing', () => {
  test('refuses to link the legacy session of one person to the Stytch session of another', async () => {
    const grace = await legacyCookies('grace@example.com')
    const graceId = (await ask('/api/me', { cookies: grace })).json().user.id
    const ada = await stytchCookies('ada@example.com')
    const adaId = (await ask('/api/me', { cookies: ada })).json().user.id
    const before = [await identitiesOf(graceId), await identitiesOf(adaId)]
    await putPolicy('zero-downtime')
    await stytch.forgetRequests()

    const both = { ...grace, ...ada }
    const seen = (await ask('/api/me', { cookies: both })).json()
    expect(seen).toMatchObject({ user: { id: adaId }, session: { lane: 'stytch' } })
    const page = await ask('/dashboard', { cookies: both })
    expect(page.text).toContain('ada@example.com')
    expect(page.text).not.toContain('grace@example.com')
    const action = await act('migrateSession', '/dashboard', { cookies: both })
    expect(action.result).toEqual({ result: 'migrated', reason: 'stytch_session' })
    expect(action.sessionCookies).toEqual([])
    const door = await ask('/api/sessions/migrate', { method: 'POST', cookies: both })
    expect(door.status).toBe(401)

    expect(await migrations()).toBe(0)
    expect([await identitiesOf(graceId), await identitiesOf(adaId)]).toEqual(before)
  })

  test('refuses to let the legacy session inherit anything when the Stytch session has ended', async () => {
    const grace = await legacyCookies('grace@example.com')
    const graceId = (await ask('/api/me', { cookies: grace })).json().user.id
    const adaId = (await ask('/api/me', { cookies: await stytchCookies('ada@example.com') })).json()
      .user.id
    await putPolicy('zero-downtime')
    const ada = await stytchCookies('ada@example.com', { claims: { exp: seconds() - 1 } })
    await stytchApi('POST', '/v1/sessions/revoke', { session_token: ada.stytch_session })

    // Whoever ended it meant this browser: a legacy session that lies beside it is no way around.
    const both = { ...grace, ...ada }
    const seen = await ask('/api/me', { cookies: both })
    expect(seen.status).toBe(401)
    expect(seen.json().error.code).toBe('session_ended')
    expect(seen.headers.getSetCookie()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^stytch_session=;.*1970/),
        expect.stringMatching(/^stytch_session_jwt=;.*1970/),
      ]),
    )
    const refused = await act('migrateSession', '/dashboard', { cookies: both })
    expect(refused.result).toMatchObject({ result: 'refused' })
    expect(await migrations()).toBe(0)

    // Alone it is what it was, and becomes a session of its own person.
    const action = await act('migrateSession', '/dashboard', { cookies: grace })
    expect(action.result).toMatchObject({ result: 'migrated' })
    expect(await migrations()).toBe(1)
    const carried = Object.fromEntries(
      action.sessionCookies.map((line) => line.split(';', 1)[0]?.split('=') as [string, string]),
    )
    const after = (await ask('/api/me', { cookies: carried })).json()
    expect(after).toMatchObject({ user: { id: graceId }, session: { lane: 'stytch' } })
    expect(graceId).not.toBe(adaId)
  })

  test("refuses to keep another person's legacy session when somebody signs in at Stytch", async ({
    page,
    context,
  }) => {
    await putPolicy('all-at-once')
    await haveLegacySession(context, 'grace@example.com')
    await page.goto('/login?with=password')
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('demo-password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('/dashboard')
    const names = (await context.cookies()).map(({ name }) => name)
    expect(names).toContain('stytch_session')
    expect(names.filter((name) => name.startsWith('__session'))).toEqual([])
  })
})

test.describe('an address that its owner has not proved', () => {
  const password = 'a password that the attacker chose'

  test('refuses to hand a person to a Stytch user that somebody made with their address (pre-hijacking)', async () => {
    const cookies = await legacyCookies('grace@example.com')
    const before = (await ask('/api/me', { cookies })).json()
    await putPolicy('zero-downtime')
    await stytchApi('POST', '/v1/passwords', { email: 'grace@example.com', password })

    const action = await act('migrateSession', '/dashboard', { cookies })
    expect(action.result).toMatchObject({ result: 'refused', reason: 'stytch_user_unproven' })
    expect(action.sessionCookies).toEqual([])
    // The session that Stytch opened on the way is ended again.
    expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
    const user = (await stytch.users()).find((each) => each.email === 'grace@example.com')
    expect(user?.sessions).toBe(0)

    const after = await ask('/api/me', { cookies })
    expect(after.json()).toMatchObject({ user: before.user, session: { lane: 'legacy' } })
    expect(await identitiesOf(before.user.id)).not.toContainEqual(
      expect.objectContaining({ subject: user?.id }),
    )
    expect(await migrationEvents()).toEqual([
      expect.objectContaining({
        result: 'refused',
        reason: 'stytch_user_unproven',
        lane: 'legacy',
        account_id: before.user.id,
      }),
    ])

    const door = await ask('/api/sessions/migrate', {
      method: 'POST',
      bearer: await auth0.token('grace@example.com'),
    })
    expect(door.status).toBe(403)
    expect(door.json().error.code).toBe('stytch_user_unproven')
    expect(door.text).not.toContain('session_token')
  })

  test('refuses the attacker who waits: no account of the victim, no notes', async () => {
    const victim = (
      await ask('/api/me', { cookies: await legacyCookies('grace@example.com') })
    ).json()
    const attacker = await stytchApi('POST', '/v1/passwords', {
      email: 'grace@example.com',
      password,
      session_duration_minutes: 60,
    })
    const seen = await ask('/api/me', { bearer: attacker.session_jwt })
    expect(seen.status).toBe(200)
    expect(seen.json().user.id).not.toBe(victim.user.id)
  })

  test("refuses the control room to an operator's address that nobody verified", async () => {
    const ada = (await stytch.users()).find((each) => each.email === 'ada@example.com')
    await stytchApi('DELETE', `/v1/users/${ada?.id}`)
    const attacker = await stytchApi('POST', '/v1/passwords', {
      email: 'ada@example.com',
      password,
      session_duration_minutes: 60,
    })
    const cookies = {
      stytch_session: attacker.session_token,
      stytch_session_jwt: attacker.session_jwt,
    }
    const seen = await ask('/api/me', { cookies })
    expect(seen.json().user.email).toBe('ada@example.com')
    expect((await ask('/api/policy', { cookies })).status).toBe(403)
    const put = await ask('/api/policy', {
      method: 'PUT',
      cookies,
      headers: { origin: urls.app, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ cohort: 'everybody', carrySessions: true }),
    })
    expect(put.status).toBe(403)
    expect(put.json().error.code).toBe('not_an_operator')
    expect((await ask('/control', { cookies })).status).toBe(403)
  })

  test('refuses to carry over a legacy address that is not verified, and asks Stytch nothing', async () => {
    await putPolicy('zero-downtime')
    const cookies = await legacyCookies('alan@example.com')
    const action = await act('migrateSession', '/dashboard', { cookies })
    expect(action.result).toMatchObject({ result: 'refused', reason: 'email_not_verified' })
    const door = await ask('/api/sessions/migrate', {
      method: 'POST',
      bearer: await auth0.token('alan@example.com'),
    })
    expect(door.status).toBe(403)
    expect(door.json().error.code).toBe('email_not_verified')
    expect(await stytch.calls()).toEqual([])
    expect((await ask('/api/me', { cookies })).json().session.lane).toBe('legacy')
  })

  test('refuses to believe the session cookie about the address: userinfo decides', async () => {
    // Alan's ID token of another day said that his address is verified.
    await putPolicy('zero-downtime')
    const bearer = await auth0.token('alan@example.com', {
      claims: { email: 'ada@example.com', email_verified: true },
    })
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.json().error.code).toBe('email_not_verified')
    expect(await migrations()).toBe(0)
  })

  test('refuses to take silence about an address for a proof', async () => {
    await putPolicy('zero-downtime')
    const bearer = await auth0.token('ada@example.com')
    const { sub } = decodeJwt(bearer)
    await auth0.setFaults([
      { method: 'GET', path: '/userinfo', status: 200, body: { sub, email: 'ada@example.com' } },
    ])
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(403)
    expect(door.json().error.code).toBe('email_not_verified')
    expect(await migrations()).toBe(0)
  })

  test('refuses to join an unverified legacy address to the verified one at Stytch', async () => {
    const legacy = await ask('/api/me', { cookies: await legacyCookies('alan@example.com') })
    const verified = await ask('/api/me', { cookies: await stytchCookies('alan@example.com') })
    expect(verified.json().user.email).toBe(legacy.json().user.email)
    expect(verified.json().user.id).not.toBe(legacy.json().user.id)
  })
})

for (const policy of ['before-the-migration', 'all-at-once'] as const) {
  test(`refuses to migrate while the policy is ${policy}`, async () => {
    await putPolicy(policy)
    const cookies = await legacyCookies('ada@example.com')
    const action = await act('migrateSession', '/dashboard', { cookies })
    expect(action.result).toMatchObject({ result: 'refused' })
    const door = await ask('/api/sessions/migrate', {
      method: 'POST',
      bearer: await auth0.token('ada@example.com'),
    })
    expect([401, 409]).toContain(door.status)
    expect(await stytch.calls()).toEqual([])
  })
}

test.describe('tokens', () => {
  /** A token counts as seen when any long part of it is: parts are what a log or a page would cut. */
  const expectNoToken = (text: string, tokens: (string | undefined)[]) => {
    for (const token of tokens) {
      for (const part of (token ?? '').split('.').filter((each) => each.length >= 20)) {
        expect(text.includes(part), part.slice(0, 12)).toBe(false)
      }
    }
  }
  const readable = ({ text, headers }: { text: string; headers: Headers }) =>
    text + [...headers].filter(([name]) => name !== 'set-cookie').join('\n')

  test('refuses to write a legacy token into a page, an answer or a header', async () => {
    await putPolicy('zero-downtime')
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

  test('refuses to write a Stytch token into a page, an answer or a header, refreshed ones too', async () => {
    for (const claims of [{}, { exp: seconds() - 1 }]) {
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

  test('refuses to show a script any token, before and after the migration', async ({
    page,
    context,
  }) => {
    await putPolicy('zero-downtime')
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/dashboard')
    await expect(page.getByText('Your session was carried over to Stytch.')).toBeVisible()
    const cookies = (await context.cookies()).filter(({ name }) => /session/.test(name))
    expect(cookies.length).toBeGreaterThanOrEqual(3)
    const visible = await page.evaluate(() =>
      [
        document.cookie,
        document.documentElement.outerHTML,
        JSON.stringify({ ...localStorage }),
        JSON.stringify({ ...sessionStorage }),
        location.href,
      ].join('\n'),
    )
    const secrets = cookies.map(({ value }) => value)
    expectNoToken(visible + addresses.join('\n'), secrets)
  })
})
