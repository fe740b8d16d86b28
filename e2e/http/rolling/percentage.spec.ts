import { newFlag, openFlag } from '../../steps/flag-cookie.ts'
import { flowOf, shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { newLegacyUser } from '../../steps/people.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { auth0 } from '../../world/auth0.ts'
import { expect, test } from '../../world/test.ts'

/** Runs a few at a time, because this machine serves the app too. */
async function each<In, Out>(list: In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = []
  for (let at = 0; at < list.length; at += 12) {
    results.push(...(await Promise.all(list.slice(at, at + 12).map(work))))
  }
  return results
}

const crowd = 300
/** Five standard deviations around the mean. By chance, a count is outside once in a million runs. */
const bounds = (percent: number): [number, number] => {
  const share = percent / 100
  const deviation = Math.sqrt(crowd * share * (1 - share))
  return [crowd * share - 5 * deviation, crowd * share + 5 * deviation]
}

test(`a percentage decides for ${crowd} visitors at 0, 25, 50, 100 and back, and raising it moves nobody back`, async () => {
  await roll({ percent: 0 })
  const flags = await each(Array.from({ length: crowd }), async () => {
    const answer = await ask('/login')
    expect(shown(answer)).toBe('legacy')
    return newFlag(answer) as string
  })
  const visitors = await Promise.all(flags.map(openFlag))
  expect(new Set(visitors.map(({ visitorId }) => visitorId)).size).toBe(crowd)

  const inside = async () => {
    const flows = await each(flags, (auth_flow) => flowOf({ cookies: { auth_flow } }))
    for (const { reason } of flows) expect(reason).toBe('percent')
    return new Set(flags.filter((_, at) => flows[at]?.name === 'stytch'))
  }

  await roll({ percent: 25 })
  const quarter = await inside()
  const [fewest, most] = bounds(25)
  expect(quarter.size).toBeGreaterThan(fewest)
  expect(quarter.size).toBeLessThan(most)
  expect(await inside()).toEqual(quarter)

  await roll({ percent: 50 })
  const half = await inside()
  expect(half.size).toBeGreaterThan(bounds(50)[0])
  expect(half.size).toBeLessThan(bounds(50)[1])
  for (const each of quarter) expect(half.has(each)).toBe(true)

  await roll({ percent: 100 })
  expect((await inside()).size).toBe(crowd)
  await roll({ percent: 25 })
  expect(await inside()).toEqual(quarter)
  await roll({ percent: 0 })
  expect((await inside()).size).toBe(0)
})

test('the next page follows the policy, and sets the flag cookie once', async () => {
  await roll({ percent: 0 })
  const first = await ask('/login')
  const flag = newFlag(first) as string
  expect(await openFlag(flag)).toMatchObject({ flow: 'legacy', pin: null, organization: null })
  expect(first.headers.getSetCookie().find((line) => line.startsWith('auth_flow='))).toMatch(
    /; Path=\/;.*; HttpOnly; SameSite=lax$/i,
  )
  // The browser cannot read the id or the flow in the cookie.
  expect(flag).toMatch(/^Fe26\.2\*/)
  const second = await ask('/login', { cookies: { auth_flow: flag } })
  expect(newFlag(second)).toBeUndefined()

  await roll({ percent: 100 })
  const third = await ask('/login', { cookies: { auth_flow: flag } })
  expect(shown(third)).toBe('stytch')
  const replaced = newFlag(third) as string
  expect(await openFlag(replaced)).toEqual({ ...(await openFlag(flag)), flow: 'stytch' })
  const fourth = await ask('/login', { cookies: { auth_flow: replaced } })
  expect(shown(fourth)).toBe('stytch')
  expect(newFlag(fourth)).toBeUndefined()
  // The app ignores the flow in an old flag cookie, as another tab may send it.
  expect(shown(await ask('/login', { cookies: { auth_flow: flag } }))).toBe('stytch')
})

test('tabs and clients of one user count as one visitor, without a flag cookie too', async () => {
  // Half of all visitors are inside. If the app drew anew for each call, some user would get both flows.
  await roll({ percent: 50 }, false)
  for (let person = 0; person < 8; person += 1) {
    const email = await newLegacyUser()
    const bearer = await auth0.token(email)
    const first = await flowOf({ bearer })
    for (let call = 0; call < 3; call += 1) expect(await flowOf({ bearer })).toEqual(first)
    // A mobile client may keep cookies. Its first call set a flag cookie.
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    const auth_flow = newFlag(door) as string
    expect(await flowOf({ bearer, cookies: { auth_flow } })).toEqual(first)
    expect(await flowOf({ cookies: { auth_flow } })).toEqual(first)
  }
  for (const email of ['ada@example.com', 'grace@example.com', 'alan@example.com']) {
    const cookies = await legacyCookies(email)
    const tabs = await Promise.all(Array.from({ length: 6 }, () => ask('/dashboard', { cookies })))
    expect(new Set(tabs.map(({ status }) => status)).size).toBe(1)
    const ids = await Promise.all(tabs.map(async (tab) => openFlag(newFlag(tab) as string)))
    expect(new Set(ids.map(({ visitorId }) => visitorId)).size).toBe(1)
  }
})
