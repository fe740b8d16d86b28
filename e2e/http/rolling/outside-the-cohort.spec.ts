import { forgetRequests } from '../../steps/calls.ts'
import { pinned } from '../../steps/flag-cookie.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { act } from '../../steps/server-action.ts'
import { auth0 } from '../../world/auth0.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An answer without the sandbox's inspector, the scripts, and values that change with each request. */
const essence = ({
  status,
  headers,
  text,
}: {
  status: number
  headers: Headers
  text: string
}) => ({
  status,
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
  body: text
    .replace(/<aside aria-label="Request inspector".*?<\/aside>/gs, '')
    .replace(/<script\b.*?<\/script>/gs, '')
    .replace(/"reason":"\w+"\},"policyVersion":\d+/, '')
    .replace(/(state|nonce|code_challenge)=[\w-]+/g, '$1'),
})

test('visitors outside the cohort get, byte for byte, the answers from before the migration', async () => {
  const cookies = {
    ...(await legacyCookies('grace@example.com')),
    auth_flow: await pinned('legacy'),
  }
  const stranger = { auth_flow: await pinned('legacy') }
  const bearer = await auth0.token('grace@example.com')
  const questions: [string, Parameters<typeof ask>[1]][] = [
    ['/dashboard', { cookies }],
    ['/dashboard?from=a%20link', { cookies: stranger }],
    ['/login?returnTo=%2Fdashboard', { cookies: stranger }],
    ['/login', { cookies }],
    ['/control', { cookies }],
    ['/nowhere', { cookies }],
    ['/api/me', { cookies }],
    ['/api/me', { bearer }],
    ['/api/me', { cookies: stranger }],
    ['/dashboard', { cookies, headers: { 'next-router-prefetch': '1', rsc: '1' } }],
    ['/dashboard', { cookies: stranger, headers: { 'next-router-prefetch': '1', rsc: '1' } }],
  ]
  const answers = async () => {
    const list = []
    for (const [path, asked] of questions) list.push(essence(await ask(path, asked)))
    return list
  }
  await answers()
  const before = await answers()
  // The requests get different answers, so the comparison below can find a difference.
  expect(new Set(before.map(({ body }) => body)).size).toBeGreaterThan(6)
  await roll({ percent: 0, countries: ['NZ'], ipRanges: ['0.0.0.0/0', '::/0'] })
  await forgetRequests()
  const during = await answers()
  for (const [at, answer] of during.entries()) {
    expect(answer, JSON.stringify(questions[at])).toEqual(before[at])
  }
  expect(await stytch.calls()).toEqual([])
})

test('the app carries over no visitor outside the cohort, at any route', async () => {
  await roll({ percent: 0 })
  const cookies = await legacyCookies('ada@example.com')
  const bearer = await auth0.token('ada@example.com')
  await forgetRequests()
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'refused', reason: 'legacy_session' })
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.status).toBe(409)
  expect(door.json().error.code).toBe('not_in_cohort')
  expect(await stytch.calls()).toEqual([])
})
