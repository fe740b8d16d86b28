import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assess } from '../routing/assess'
import { consumers } from '../routing/audience'
import { rolling } from '../testing'
import { members } from './audience'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

/** A member puts the token of the session into the cookie of consumers, while the app refreshes it for the team. */

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const policy = { ...rolling({ percent: 100 }), version: 1 }
const pageWith = (cookie: string, audience: typeof members) =>
  assess(new Headers({ cookie }), 'page', policy, new Date(), { audience })

const tokenOf = async (email: string): Promise<string> => {
  const { body } = await fixture.stytch.control('POST', 'b2b/session', {
    email,
    organization: 'acme',
  })
  return body.session_token
}

describe("a member's session token in the cookie of consumers", () => {
  it('is no session of a consumer, also right after the team has refreshed it', async () => {
    const token = await tokenOf('mallory@acme.example')
    const team = await pageWith(`stytch_b2b_session=${token}`, members)
    expect(team.stytch.state).toBe('valid')
    const consumer = await pageWith(`stytch_session=${token}`, consumers)
    expect(consumer.stytch.state).not.toBe('valid')
    expect(consumer.tokens).toBeNull()
  })

  it('does not end the session of the member', async () => {
    const token = await tokenOf('mallory@acme.example')
    const consumer = await pageWith(`stytch_session=${token}`, consumers)
    expect(consumer.stytch.state).not.toBe('valid')
    const team = await pageWith(`stytch_b2b_session=${token}`, members)
    expect(team.stytch.state).toBe('valid')
  })
})
