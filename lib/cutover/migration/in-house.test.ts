import { eq } from 'drizzle-orm'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { legacyProvider } from '../../legacy/configured-provider'
import { issueExchangeToken } from '../../legacy/in-house/exchange-token'
import { legacyUsers } from '../../legacy/in-house/schema'
import { endSession } from '../../legacy/in-house/sessions'
import type { LegacySession } from '../../legacy/session'
import { carryOver } from './carry-over'
import { type InHouseFixture, readCookie, startInHouseForTests } from './in-house-testing'

let fixture: InHouseFixture
beforeAll(async () => {
  fixture = await startInHouseForTests()
})
afterAll(() => fixture.stop())

const migrate = (session: LegacySession, token = () => legacyProvider().tokenOfBearer(session)) =>
  carryOver(session, token, { now: new Date(), policy: { version: 1 } })

const setBlocked = (email: string, blocked: 'no' | 'yes') =>
  fixture.db.update(legacyUsers).set({ blocked }).where(eq(legacyUsers.email, email))

describe('a session of the in-house login', () => {
  it('is carried over by sessions.migrate, which asks our userinfo route', async () => {
    const session = await fixture.sessionOf('ada@example.com')
    expect(session).toMatchObject({ subject: 'auth0|6501a0000000000000000001' })
    const outcome = await migrate(session)
    expect(outcome).toMatchObject({ result: 'migrated' })
    // The second request gets the same session, without a call to userinfo.
    expect(await migrate(session)).toMatchObject(
      outcome.result === 'migrated' ? { userId: outcome.userId } : {},
    )
  })

  it('creates its user at Stytch, with a new token for each of the two calls', async () => {
    const session = await fixture.sessionOf('grace@example.com')
    expect(await migrate(session)).toMatchObject({ result: 'migrated' })
  })

  it('is refused for a user whose address was not verified at the sign-in', async () => {
    const session = await fixture.sessionOf('alan@example.com')
    expect(await migrate(session)).toMatchObject({
      result: 'refused',
      reason: 'email_not_verified',
    })
  })

  it('is refused with a token of another user', async () => {
    const session = await fixture.sessionOf('barbara@acme.example')
    const other = await fixture.sessionOf('claude@acme.example')
    expect(await migrate(session, () => issueExchangeToken(other))).toMatchObject({
      result: 'refused',
      reason: 'subject_mismatch',
    })
  })

  it('is ended for a user who was blocked, though the cookie is still signed', async () => {
    const session = await fixture.sessionOf('dorothy@globex.example')
    await setBlocked('dorothy@globex.example', 'yes')
    expect(await migrate(session)).toEqual({ result: 'ended', reason: 'user_deleted' })
    await setBlocked('dorothy@globex.example', 'no')
  })

  it('is ended after a sign-out, though the cookie is still signed', async () => {
    const session = await fixture.sessionOf('frances@acme.example')
    await endSession(session)
    expect(await migrate(session)).toEqual({ result: 'ended', reason: 'session_ended' })
  })
})

describe('the userinfo route refuses', () => {
  const tokenOf = async (email: string) => issueExchangeToken(await fixture.sessionOf(email))
  const refusal = async (token: string) => {
    const response = await fixture.askUserinfo(token)
    return [response.status, (await response.json()).error.code]
  }
  const refused = [401, 'token_refused']

  it('a replayed token', async () => {
    const token = await tokenOf('ada@example.com')
    const first = await fixture.askUserinfo(token)
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(await first.json()).toEqual({
      sub: 'auth0|6501a0000000000000000001',
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada Lovelace',
    })
    expect(await refusal(token)).toEqual(refused)
  })

  it('one of two requests at once with one token', async () => {
    const token = await tokenOf('ada@example.com')
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => (await fixture.askUserinfo(token)).status),
    )
    expect(answers.toSorted()).toEqual([200, ...Array(7).fill(401)])
  })

  it('a token that is older than a minute', async () => {
    const session = await fixture.sessionOf('ada@example.com')
    const token = await issueExchangeToken(session, new Date(Date.now() - 60_001))
    expect(await refusal(token)).toEqual(refused)
  })

  it('a token whose session has ended since', async () => {
    const session = await fixture.sessionOf('ada@example.com')
    const token = await issueExchangeToken(session)
    await endSession(session)
    expect(await refusal(token)).toEqual(refused)
  })

  it('a token whose user was blocked since', async () => {
    const token = await tokenOf('ada@example.com')
    await setBlocked('ada@example.com', 'yes')
    expect(await refusal(token)).toEqual(refused)
    await setBlocked('ada@example.com', 'no')
  })

  it('the cookie of a session, because a stolen cookie must not read a profile', async () => {
    const session = await fixture.sessionOf('ada@example.com')
    expect(await refusal(session.accessToken)).toEqual(refused)
    expect(await refusal(session.sid ?? '')).toEqual(refused)
  })

  it('a request without a token', async () => {
    const response = await fetch(fixture.url)
    expect([response.status, (await response.json()).error.code]).toEqual([401, 'token_missing'])
  })
})

describe('the cookie of the in-house login', () => {
  it('is refused with a changed subject', async () => {
    const { accessToken } = await fixture.sessionOf('ada@example.com')
    const [head, , signature] = accessToken.split('.')
    const claims = { ...decodeJwt(accessToken), sub: 'auth0|6501a0000000000000000002' }
    const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
    expect(await readCookie(forged)).toEqual({ state: 'none', refusal: null })
  })

  it('ends with its session', async () => {
    const { accessToken, expiresAt } = await fixture.sessionOf('ada@example.com')
    expect(await readCookie(accessToken, expiresAt)).toEqual({
      state: 'none',
      refusal: 'session_ended',
    })
  })

  it('is found beside a planted one, and refused beside another genuine one', async () => {
    const [one, other] = await Promise.all([
      fixture.sessionOf('ada@example.com'),
      fixture.sessionOf('ada@example.com'),
    ])
    expect(await readCookie(`planted; __session=${one.accessToken}`)).toMatchObject({
      state: 'valid',
      session: { sid: one.sid },
    })
    expect(await readCookie(`${one.accessToken}; __session=${other.accessToken}`)).toEqual({
      state: 'none',
      refusal: 'duplicate_cookie',
    })
  })

  it('of a session of Stytch is no session here', async () => {
    const { body } = await fixture.stytch.control('POST', 'session', { email: 'ada@example.com' })
    expect(await readCookie(body.session_jwt)).toEqual({ state: 'none', refusal: null })
  })
})
