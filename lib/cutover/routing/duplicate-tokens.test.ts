import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { startForTests, type TestStandIn } from '../../../sandbox/stytch/fixture.ts'
import { presets } from '../policy/document'
import { assess } from './assess'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
  Object.assign(process.env, appEnvironment, {
    STYTCH_API_URL: standIn.url.replace('127.0.0.1', 'localhost'),
  })
})
afterAll(() => standIn.close())

function visit(pairs: [name: string, value: string][]) {
  const cookie = pairs.map(([name, value]) => `${name}=${value}`).join('; ')
  const policy = { ...presets['zero-downtime'], version: 1 }
  return assess(new Headers({ cookie }), 'page', policy, new Date())
}
const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600

/** The cookies of somebody whose JWT has expired. */
async function returningPerson(index: number) {
  const { body } = await standIn.control('POST', 'session', {
    email: `person-${index}@example.com`,
    claims: { iat: anHourAgo, nbf: anHourAgo, exp: anHourAgo + 300 },
  })
  return { stytch_session: body.session_token, stytch_session_jwt: body.session_jwt }
}
const served = ({ verdict }: Awaited<ReturnType<typeof visit>>) =>
  `${verdict.action} ${verdict.lane}`

describe('a session token that a sibling subdomain planted beside an expired JWT', () => {
  it.each(['before', 'behind'])('is not used when it is %s the genuine one', async (place) => {
    const ada = await returningPerson(place === 'before' ? 300 : 302)
    const mallory = await returningPerson(301)
    const tokens: [string, string][] = [
      ['stytch_session', mallory.stytch_session],
      ['stytch_session', ada.stytch_session],
    ]
    if (place === 'behind') tokens.reverse()
    const jwt: [string, string] = ['stytch_session_jwt', ada.stytch_session_jwt]
    const answer = await visit([...tokens, jwt])
    expect(served(answer)).toBe('serve stytch')
    expect(answer.tokens?.sessionToken).toBe(ada.stytch_session)
  })

  it('signs nobody in when the genuine one is missing', async () => {
    const ada = await returningPerson(310)
    const mallory = await returningPerson(311)
    const answer = await visit([
      ['stytch_session', mallory.stytch_session],
      ['stytch_session', `made-up-${crypto.randomUUID()}`],
      ['stytch_session_jwt', ada.stytch_session_jwt],
    ])
    expect(served(answer)).toBe('login anonymous')
    expect(answer.refusal).toBe('duplicate_cookie')
  })
})
