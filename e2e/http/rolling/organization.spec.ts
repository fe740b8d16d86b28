import { newFlag, openFlag, sealFlag } from '../../steps/flag-cookie.ts'
import { asLegacy, asStytch, flowOf, shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { memberCookies, membership, memberToken } from '../../steps/organization.ts'
import { ask, type Credentials, cookiesOf } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { act } from '../../steps/server-action.ts'
import { auth0 } from '../../world/auth0.ts'
import { expect, test } from '../../world/test.ts'

test('an organization moves as a whole, without other organizations and without members outside of it', async () => {
  await roll({ percent: 0, organizations: ['acme'] })
  const barbara = await memberCookies('barbara@acme.example', 'acme')
  const page = await ask('/dashboard', { cookies: barbara })
  expect(page.headers.get('x-auth-reason')).toBe('legacy_session_carried_over')
  expect(await flowOf({ cookies: barbara })).toEqual(asStytch('organization'))
  expect(await flowOf({ bearer: await memberToken('claude@acme.example', 'acme') })).toEqual(
    asStytch('organization'),
  )
  expect(
    await flowOf({ cookies: await memberCookies('dorothy@globex.example', 'globex') }),
  ).toEqual(asLegacy('percent'))
  expect(await flowOf({ cookies: await legacyCookies('barbara@acme.example') })).toEqual(
    asLegacy('percent'),
  )

  await test.step('the device remembers it for the next sign-in', async () => {
    const auth_flow = newFlag(page) as string
    expect(await openFlag(auth_flow)).toMatchObject({ organization: 'acme', flow: 'stytch' })
    expect(await flowOf({ cookies: { auth_flow } })).toEqual(asStytch('organization'))
    expect(shown(await ask('/login', { cookies: { auth_flow } }))).toBe('stytch')
  })

  await test.step('it still counts after the session was carried over', async () => {
    const auth_flow = newFlag(page) as string
    const action = await act('migrateSession', '/dashboard', {
      cookies: { ...barbara, auth_flow },
    })
    expect(action.result).toMatchObject({ result: 'migrated' })
    const cookies = { ...barbara, ...cookiesOf(action), auth_flow }
    expect((await ask('/api/me', { cookies })).json()).toMatchObject({
      session: { lane: 'stytch' },
      flow: asStytch('organization'),
    })
  })
})

test('the percentage never splits an organization, on any number of devices', async () => {
  for (const percent of [30, 50, 70]) {
    await roll({ percent })
    for (const [slug, emails] of [
      ['acme', ['barbara@acme.example', 'claude@acme.example', 'ada@example.com']],
      ['globex', ['dorothy@globex.example', 'grace@example.com', 'alan@example.com']],
    ] as const) {
      const seen = new Set<string>()
      for (const email of emails) {
        seen.add((await flowOf({ bearer: await memberToken(email, slug) })).name)
        // Each device has the flag cookie of another visitor.
        for (let device = 0; device < 4; device += 1) {
          const cookies = { ...(await memberCookies(email, slug)), auth_flow: await sealFlag({}) }
          seen.add((await flowOf({ cookies })).name)
        }
      }
      expect(seen.size, `${slug} at ${percent}`).toBe(1)
    }
  }
})

test('refuses the organization of a visitor who cannot prove it', async () => {
  await roll({ percent: 0, organizations: ['acme'] })
  const sealedElsewhere = await sealFlag(
    { organization: 'acme' },
    'another secret, long enough to seal with',
  )
  const forged = await auth0.token('grace@example.com', {
    claims: membership('acme'),
    signWith: 'stranger',
  })
  for (const asked of [
    { cookies: { auth_flow: sealedElsewhere } },
    { cookies: { organization: 'acme', org_id: 'org_acme000000000001' } },
    { headers: { 'x-organization': 'acme', 'x-cutover-organization': 'acme' } },
    { bearer: forged },
  ] as (Credentials & { headers?: Record<string, string> })[]) {
    expect(await flowOf(asked), JSON.stringify(asked).slice(0, 60)).toEqual(asLegacy('percent'))
  }
  const query = await ask('/login?organization=acme&org_id=org_acme000000000001')
  expect(shown(query)).toBe('legacy')
})
