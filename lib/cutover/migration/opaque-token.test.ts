import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokensFor } from '../../../sandbox/auth0/fixture.ts'
import { readLegacySession } from '../../legacy/auth0/session'
import { readCredentials } from '../../token/credentials'
import { registry } from '../routing/registry'
import { type MigrationFixture, startMigrationForTests } from './testing'

let fixture: MigrationFixture
beforeAll(async () => {
  fixture = await startMigrationForTests()
})
afterAll(() => fixture.stop())

/** A sign-in without an audience, which is Auth0's default. */
async function signInWithoutAudience(email: string) {
  const { access_token, id_token } = await tokensFor(fixture.auth0, email, { audience: '' })
  return { accessToken: access_token, idToken: id_token }
}

describe('a session of a tenant without an audience', () => {
  it('is carried over, because userinfo confirms the subject of the sealed session', async () => {
    const session = await fixture.sealedSessionOf(await signInWithoutAudience('grace@example.com'))
    expect(session.tokenState).toBe('opaque')
    expect(await fixture.migrate(session)).toMatchObject({ result: 'migrated' })
  })

  it('is refused with an opaque token of another user', async () => {
    const tokens = await signInWithoutAudience('barbara@acme.example')
    const session = await fixture.sealedSessionOf({ ...tokens, subject: 'auth0|eve' })
    expect(await fixture.migrate(session)).toMatchObject({
      result: 'refused',
      reason: 'subject_mismatch',
    })
  })

  it('is refused for a user whose address is not verified', async () => {
    const session = await fixture.sealedSessionOf(await signInWithoutAudience('alan@example.com'))
    expect(await fixture.migrate(session)).toMatchObject({
      result: 'refused',
      reason: 'email_not_verified',
    })
  })

  it('is refused with a made-up opaque token', async () => {
    const { idToken } = await signInWithoutAudience('claude@acme.example')
    const accessToken = 'kFvXhWj3Q0mZb2yR9c1tA7nKfVx0123'
    const session = await fixture.sealedSessionOf({ accessToken, idToken })
    expect(await fixture.migrate(session)).toMatchObject({
      result: 'refused',
      reason: 'access_token_refused',
    })
  })

  it('refuses an opaque Bearer token, which names no issuer', async () => {
    const { accessToken } = await signInWithoutAudience('dorothy@globex.example')
    const headers = new Headers({ authorization: `Bearer ${accessToken}` })
    expect(await readLegacySession(readCredentials(headers), registry(), new Date())).toEqual({
      state: 'none',
      refusal: 'token_opaque',
    })
  })

  it('is refused with a signed JWT of another audience, which is not opaque', async () => {
    const email = 'dorothy@globex.example'
    const { idToken } = await signInWithoutAudience(email)
    const { body } = await fixture.auth0.control('POST', 'token', {
      email,
      claims: { aud: ['https://other.example/', `${fixture.auth0.url}/userinfo`] },
    })
    const session = await fixture.sealedSessionOf({ accessToken: body.access_token, idToken })
    expect(await fixture.migrate(session)).toMatchObject({
      result: 'refused',
      reason: 'access_token_unusable',
    })
  })
})
