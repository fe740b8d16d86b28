import { describe, expect, it, vi } from 'vitest'
import type { PolicyInForce } from '../policy/document'
import { assess } from './assess'
import { setUpReturningPeople } from './testing'

const { control, returningPerson } = setUpReturningPeople()

const policy: PolicyInForce = {
  cohort: 'everybody',
  carrySessions: true,
  note: '',
  version: 1,
}
const visit = (
  cookies: Record<string, string> | [string, string][],
  kind: 'page' | 'api' = 'page',
) => {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  return assess(new Headers({ cookie: cookie.join('; ') }), kind, policy, new Date())
}
const madeUp = () => `made-up-${crypto.randomUUID()}`

const callsAtStytch = async () =>
  (await control('GET', 'requests')).body.filter(
    ({ path }: { path: string }) => path === '/v1/sessions/authenticate',
  ).length

/** Runs `work` with Stytch's rate limit on, which allows 65 requests a second. */
async function underRateLimit<T>(work: () => Promise<T>): Promise<T> {
  await control('DELETE', 'requests')
  await control('PUT', 'rate-limits', { enabled: true })
  vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    return await work()
  } finally {
    vi.restoreAllMocks()
    await control('PUT', 'rate-limits', { enabled: false })
  }
}
const served = (answers: Awaited<ReturnType<typeof visit>>[]) =>
  answers.map(({ verdict }) => `${verdict.action} ${verdict.lane}`)

describe('made-up session cookies', () => {
  it('cannot use up the rate limit: eight people with an expired JWT are served while 400 made-up cookies pour in', async () => {
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, index) => returningPerson(index)),
    )
    const [flood, answers] = await underRateLimit(async () => {
      const flood = Array.from({ length: 400 }, (_, index) =>
        visit({ stytch_session: madeUp() }, index % 2 ? 'api' : 'page'),
      )
      return [await Promise.all(flood), await Promise.all(people.map((each) => visit(each)))]
    })
    expect(served(answers)).toEqual(Array(8).fill('serve stytch'))
    // A budget is left for people whose browser lost the JWT. All others are told to retry, and lose no cookie.
    const retried = flood.filter(({ verdict }) => verdict.action === 'retry')
    expect(retried.length).toBeGreaterThan(350)
    expect(retried.every(({ refusal }) => refusal === null)).toBe(true)
    expect(await callsAtStytch()).toBeLessThan(40)
  })

  it('cannot use up the rate limit with one genuine JWT beside many made-up tokens', async () => {
    const attacker = await returningPerson(100)
    const person = await returningPerson(101)
    const [, answer] = await underRateLimit(async () => [
      await Promise.all(
        Array.from({ length: 400 }, () => visit({ ...attacker, stytch_session: madeUp() })),
      ),
      await visit(person),
    ])
    expect(served([answer])).toEqual(['serve stytch'])
    expect(await callsAtStytch()).toBeLessThan(40)
  })

  it('leave a budget for the token of a browser that lost its JWT, which is accepted within a second', async () => {
    const { stytch_session } = await returningPerson(200)
    await expect
      .poll(async () => served([await visit({ stytch_session })]))
      .toEqual(['serve stytch'])
  })
})
