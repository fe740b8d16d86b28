import { legacyCookies } from '../../steps/legacy-session.ts'
import { type Answer, ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { act } from '../../steps/server-action.ts'
import { teamCookies } from '../../steps/team-session.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

/** Posts to the server action of a team's page. */
const carryOver = (slug: string, cookies: Record<string, string>) =>
  act('migrateMemberSession', '/team/acme', { cookies, body: JSON.stringify([slug]) })

const migrateCalls = async () =>
  (await stytch.calls()).filter(({ path }) => path.endsWith('/sessions/migrate'))

const newCookies = ({ headers }: Answer) =>
  Object.fromEntries(
    headers
      .getSetCookie()
      .filter((line) => /^stytch_\w+=[^;]/.test(line))
      .map((line) => line.split(';', 1)[0]?.split('=') as [string, string]),
  )

test('a team page carries its member over, with the cookies of the B2B project only', async () => {
  const cookies = await teamCookies('barbara@acme.example', 'acme')
  const legacy = await ask('/api/team/acme/me', { cookies })
  expect(legacy.json()).toMatchObject({ session: { lane: 'legacy' } })

  const answer = await carryOver('acme', cookies)
  expect(answer.result).toEqual({ result: 'migrated', reason: 'carried_over' })
  const set = newCookies(answer)
  expect(Object.keys(set).sort()).toEqual(['stytch_b2b_session', 'stytch_b2b_session_jwt'])
  for (const line of answer.headers.getSetCookie().filter((each) => each.startsWith('stytch'))) {
    expect(line).toMatch(/HttpOnly.*SameSite=lax/i)
  }
  const me = await ask('/api/team/acme/me', { cookies: { ...cookies, ...set } })
  expect(me.json()).toMatchObject({
    session: { lane: 'stytch' },
    // Without the Management API, nobody knows the roles at Auth0.
    member: { id: legacy.json().member.id, roles: ['stytch_member'] },
  })
})

test('five tabs of a team get one session', async () => {
  const cookies = await teamCookies('claude@acme.example', 'acme')
  const answers = await Promise.all(Array.from({ length: 5 }, () => carryOver('acme', cookies)))
  const tokens = answers.map((each) => newCookies(each).stytch_b2b_session)
  expect(tokens[0]).toBeTruthy()
  expect(new Set(tokens).size).toBe(1)
  expect(await migrateCalls()).toHaveLength(1)
})

test('a session of one organization is not carried over into another one of the same person', async () => {
  const cookies = await teamCookies('frances@acme.example', 'globex')
  const answer = await carryOver('acme', cookies)
  expect(answer.result).toEqual({ result: 'refused', reason: 'organization_mismatch' })
  expect(newCookies(answer)).toEqual({})
  expect(await migrateCalls()).toEqual([])
})

test('refuses slugs that no organization has, and the session of a consumer', async () => {
  const cookies = await teamCookies('barbara@acme.example', 'acme')
  for (const slug of ['nobody', '../acme', 'org_acme000000000001', '']) {
    expect((await carryOver(slug, cookies)).result, slug).toEqual({
      result: 'refused',
      reason: 'organization_unknown',
    })
  }
  const consumer = await legacyCookies('barbara@acme.example')
  expect((await carryOver('acme', consumer)).result).toEqual({
    result: 'refused',
    reason: 'no_session',
  })
  expect(await migrateCalls()).toEqual([])
})

test('a member outside of the cohort stays on the legacy lane', async () => {
  await roll({ percent: 0, organizations: ['globex'] })
  const cookies = await teamCookies('barbara@acme.example', 'acme')
  expect((await carryOver('acme', cookies)).result).toEqual({
    result: 'refused',
    reason: 'legacy_session',
  })
  expect(await migrateCalls()).toEqual([])
})
