import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'

/** What the providers were asked. */

export const forgetRequests = () => Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

/** Every call at a provider, except those for its keys and its metadata. */
export const providerCalls = async () =>
  [...(await stytch.requests()), ...(await auth0.requests())].filter(
    ({ path }) => !/jwks|\.well-known/.test(path),
  )

const migrate = '/v1/sessions/migrate'

/**
 * How many migrations Stytch agreed to. For a user that it does not know, a first call fails and a second one,
 * after the user was created, succeeds.
 */
export const migrations = async () =>
  (await stytch.requests()).filter(({ path, status }) => path === migrate && status === 200).length

/** How many times Stytch was asked to migrate a session, with whatever result. */
export const migrateCalls = () => count(stytch, 'POST', migrate)
