import { describe, expect, it } from 'vitest'
import { presets } from '../policy/document'
import { assess } from './assess'
import { setUpReturningPeople } from './testing'

const { returningPerson } = setUpReturningPeople()

function visit(pairs: [name: string, value: string][]) {
  const cookie = pairs.map(([name, value]) => `${name}=${value}`).join('; ')
  const policy = { ...presets['zero-downtime'], version: 1 }
  return assess(new Headers({ cookie }), 'page', policy, new Date())
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
