import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'

/** The requests that the providers got from the app. */

export const forgetRequests = () => Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

/** Every call at a provider, except those for its keys and its metadata. */
export const providerCalls = async () =>
  [...(await stytch.requests()), ...(await auth0.requests())].filter(
    ({ path }) => !/jwks|\.well-known/.test(path),
  )

const migrate = '/v1/sessions/migrate'

/**
 * The number of migrations that succeeded at Stytch. For an unknown user, the first call fails. The app then
 * creates the user, and its second call succeeds.
 */
export const migrations = async () =>
  (await stytch.requests()).filter(({ path, status }) => path === migrate && status === 200).length

/** The number of calls to migrate a session at Stytch, whatever their result. */
export const migrateCalls = () => count(stytch, 'POST', migrate)
