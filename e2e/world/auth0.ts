import { auth0Tenant, demoPassword, urls } from '../../sandbox/settings.ts'
import { standIn, type TokenOptions } from './stand-in.ts'

const base = standIn(urls.auth0)
const { call } = base

/** The Auth0 stand-in of this world. */
export const auth0 = {
  ...base,
  /**
   * An access token, as a mobile client would hold it. Each one is unique. Real ones may be equal if Auth0
   * issues them within the same second.
   */
  token: async (email: string, options: TokenOptions & { expiresInSeconds?: number } = {}) => {
    const claims = { jti: crypto.randomUUID(), ...options.claims }
    const body = { email, ...options, claims }
    return (await call<{ access_token: string }>('POST', 'token', body)).access_token
  },
  idToken: async (email: string) =>
    (await call<{ id_token: string }>('POST', 'id-token', { email })).id_token,
  machineToken: async (options: { audience?: string; claims?: object } = {}) =>
    (await call<{ access_token: string }>('POST', 'machine-token', options)).access_token,
  /** A grant as the web client would have it. */
  grant: (email: string, options: { audience?: '' } = {}) =>
    call<{ refresh_token: string; access_token: string; id_token: string; expires_in: number }>(
      'POST',
      'refresh-token',
      { email, ...options },
    ),
  /** Adds a user whom Stytch does not know, with the password of the demo users. */
  addUser: async (email: string, { emailVerified = true } = {}) => {
    const token = await auth0.machineToken({
      audience: `${urls.auth0}/api/v2/`,
      claims: { scope: 'create:users' },
    })
    const response = await fetch(`${urls.auth0}/api/v2/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        connection: auth0Tenant.connection,
        email,
        password: demoPassword,
        email_verified: emailVerified,
        verify_email: false,
      }),
    })
    if (response.status !== 201) throw new Error(`addUser: ${await response.text()}`)
    return email
  },
}
