import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findAccount } from '../../account/account'
import { UserDeleted } from '../../account/user-deleted'
import type { LegacySession } from '../../legacy/session'
import { ProviderFailure } from '../../provider-failure'
import { stytchAccount } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import {
  closeTestBed,
  countRequests,
  newAddress,
  openTestBed,
  type TestBed,
} from '../mirror/testing'
import { legacySessionOfToken, stytchSessionOfJwt } from '../routing/testing'
import { legacyAccount } from './legacy-account'

/** The provider deletes the user of a session whose token has not expired. The app must refuse the session. */

let bed: TestBed
beforeAll(async () => {
  bed = await openTestBed()
})
afterAll(() => closeTestBed(bed))
beforeEach(async () => {
  for (const { control } of [bed.auth0, bed.stytch]) {
    await control('DELETE', 'faults')
    await control('DELETE', 'requests')
  }
})

describe('the account of a Stytch session', () => {
  /** A new user with a session, as a client holds it. */
  async function newSession(minutes = 60) {
    const { body } = await bed.stytch.control('POST', 'session', { email: newAddress(), minutes })
    return { ...(await stytchSessionOfJwt(body.session_jwt)), issuer: stytchIssuerName() }
  }
  type Session = Awaited<ReturnType<typeof newSession>>
  const accountOf = (session: Session) => stytchAccount(session, null, () => null)
  const deleteUser = (user_id: string) => bed.stytch.stytch.users.delete({ user_id })
  const calls = async ({ subject }: Session): Promise<number> => {
    const { body } = await bed.stytch.control('GET', 'requests')
    return (body as { method: string; path: string }[]).filter(
      ({ method, path }) => method === 'GET' && path === `/v1/users/${subject}`,
    ).length
  }

  it('is refused when its user was deleted before the first request, and Stytch is asked once', async () => {
    const session = await newSession()
    await deleteUser(session.subject)
    for (let request = 0; request < 3; request++) {
      await expect(accountOf(session)).rejects.toThrow(UserDeleted)
    }
    expect(await calls(session)).toBe(1)
    expect(await findAccount(session)).toBeNull()
  })

  it('is refused when its user was deleted before the address was proved', async () => {
    const session = await newSession()
    await accountOf({ ...session, factors: { ...session.factors, emails: [] } })
    await deleteUser(session.subject)
    await expect(accountOf(session)).rejects.toThrow(UserDeleted)
  })

  const stytchError = (status: number, error_type: string): object => ({
    status,
    body: { status_code: status, error_type, error_message: '', error_url: '' },
  })
  it.each<[string, object]>([
    ['does not answer', { drop: true }],
    ['answers 500', stytchError(500, 'internal_server_error')],
    ['answers 429', stytchError(429, 'too_many_requests')],
    ['answers 404 with another error', stytchError(404, 'route_not_found')],
    ['refuses our keys', stytchError(401, 'unauthorized_credentials')],
  ])('is not refused while Stytch %s', async (_, fault) => {
    const session = await newSession()
    await bed.stytch.control('PUT', 'faults', [{ path: '/v1/users/*', ...fault }])
    const failure = await accountOf(session).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(UserDeleted)
    await bed.stytch.control('DELETE', 'faults')
    expect((await accountOf(session)).provedEmail).not.toBeNull()
  })
})

describe('the account of a legacy access token', () => {
  const management = async (method: string, path: string, body?: object) => {
    const { body: token } = await bed.auth0.machineToken()
    const response = await fetch(`${bed.auth0.url}/api/v2/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token.access_token}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
  }

  /** A new user with an access token, as a client holds it. */
  async function newSession(): Promise<LegacySession> {
    const email = newAddress()
    await management('POST', 'users', {
      connection: 'Username-Password-Authentication',
      email,
      password: 'purple-otter-lamp-74',
      email_verified: true,
    })
    const { body } = await bed.auth0.control('POST', 'token', { email })
    return legacySessionOfToken(body.access_token)
  }
  const userPath = ({ subject }: LegacySession) => `users/${encodeURIComponent(subject)}`
  const userinfoCalls = () => countRequests(bed, 'GET', '/userinfo')

  it('is refused when its user was deleted before the first request, within the rate limit', async () => {
    const session = await newSession()
    await management('DELETE', userPath(session))
    // Auth0 allows a user five calls a minute.
    for (let request = 0; request < 7; request++) {
      await expect(legacyAccount(session)).rejects.toThrow(UserDeleted)
    }
    expect(await userinfoCalls()).toBe(1)
  })

  it('is refused when its user was blocked before the first request', async () => {
    const session = await newSession()
    await management('PATCH', userPath(session), { blocked: true })
    await expect(legacyAccount(session)).rejects.toThrow(UserDeleted)
  })

  it.each([401, 404])('is refused when userinfo answers %i', async (status) => {
    const session = await newSession()
    await bed.auth0.control('PUT', 'faults', [{ path: '/userinfo', status }])
    await expect(legacyAccount(session)).rejects.toThrow(UserDeleted)
  })

  it.each([
    ['does not answer', { drop: true }],
    ['answers 403: the token may not read the profile', { status: 403 }],
    ['answers 429', { status: 429 }],
    ['answers 500', { status: 500 }],
  ])('is not refused while userinfo %s', async (_, fault) => {
    const session = await newSession()
    await bed.auth0.control('PUT', 'faults', [{ path: '/userinfo', ...fault }])
    const failure = await legacyAccount(session).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(UserDeleted)
    await bed.auth0.control('DELETE', 'faults')
    expect((await legacyAccount(session)).provedEmail).not.toBeNull()
  })

  it('is not the account of another subject that userinfo answers', async () => {
    const session = await newSession()
    const body = { sub: 'auth0|eve', email: 'eve@example.com', email_verified: true }
    await bed.auth0.control('PUT', 'faults', [{ path: '/userinfo', status: 200, body }])
    await expect(legacyAccount(session)).rejects.toThrow(ProviderFailure)
  })

  it('is that of a user without an address, where the provider knows none', async () => {
    const session = await newSession()
    const body = { sub: session.subject }
    await bed.auth0.control('PUT', 'faults', [{ path: '/userinfo', status: 200, body }])
    expect(await legacyAccount(session)).toMatchObject({ email: '', provedEmail: null })
  })

  it('keeps an address with look-alike letters as it is (Kelvin sign)', async () => {
    const session = await newSession()
    const body = { sub: session.subject, email: 'mi\u212ae@example.com', email_verified: true }
    await bed.auth0.control('PUT', 'faults', [{ path: '/userinfo', status: 200, body }])
    expect(await legacyAccount(session)).toMatchObject({
      email: 'mi\u212ae@example.com',
      provedEmail: null,
    })
  })
})
