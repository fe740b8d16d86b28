import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Config } from '../../config'
import type { Auth0Settings } from '../../legacy/auth0/settings'
import { type Outcome, ok, problem, unchecked } from './finding'
import { basicAuthorization, jsonRequest, type Services } from './service'

const userinfoSchema = z.object({
  sub: z.string(),
  email: z.string(),
  email_verified: z.union([z.boolean(), z.stringbool()]).default(false),
})
const searchSchema = z.object({ results: z.array(z.object({ user_id: z.string() })) })
const migratedSchema = z.object({
  session_token: z.string().min(1),
  session_jwt: z.string().min(1),
  user_id: z.string(),
})

type Input = {
  product: Config
  legacy: Auth0Settings
  services: Services
  /** The address of a test person, who has an account at Auth0. */
  email: string
  accessToken: string
}

/**
 * Migrates one session as the app does, and revokes the new session at once. When Stytch does not know the person,
 * it creates a user for the test and deletes that user at the end.
 */
export async function migrateTestSession(input: Input): Promise<Outcome> {
  const { product, legacy, services, email, accessToken } = input
  const refused = await verifyAccessToken(legacy, accessToken)
  if (refused) return refused

  const profile = await services.ask(`${legacy.issuer}userinfo`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const person = userinfoSchema.safeParse(profile.body).data
  if (profile.status !== 200 || !person) {
    return problem(
      `userinfo of Auth0 answers status ${profile.status} without an address.`,
      'The scopes openid and email of the login',
    )
  }
  if (person.email.toLowerCase() !== email.toLowerCase()) {
    return problem('The person who signed in has another address.', 'The argument of --migrate')
  }
  if (!person.email_verified) {
    return problem(
      'Auth0 has not verified the address. The app leaves such people on the legacy lane.',
      'Auth0 dashboard, User Management, the person',
    )
  }

  const stytch = stytchApi(product, services)
  const found = searchSchema.parse(
    await stytch('users/search', {
      query: {
        operator: 'AND',
        operands: [{ filter_name: 'email_address', filter_value: [email] }],
      },
    }),
  )
  const isNew = found.results.length === 0
  const created = isNew
    ? z.object({ user_id: z.string() }).parse(await stytch('users', { email })).user_id
    : null
  try {
    return await migrateAndRevoke(product, stytch, accessToken, isNew)
  } finally {
    if (created) await stytch(`users/${created}`, null)
  }
}

/** @returns the problem, or null when the app accepts the token */
async function verifyAccessToken(legacy: Auth0Settings, token: string): Promise<Outcome | null> {
  // Without an audience the token is opaque, and userinfo alone confirms it.
  if (!legacy.audience) return null
  const where = 'AUTH0_AUDIENCE; Auth0 dashboard, Applications, APIs'
  try {
    const keys = createRemoteJWKSet(new URL(`${legacy.issuer}.well-known/jwks.json`))
    await jwtVerify(token, keys, {
      issuer: [...legacy.issuers],
      audience: legacy.audience,
      algorithms: ['RS256'],
    })
    return null
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    const isOpaque = error instanceof errors.JWSInvalid
    return problem(
      isOpaque
        ? 'The access token is opaque: the login names no audience.'
        : `The app would refuse the access token (${error.code}).`,
      where,
    )
  }
}

async function migrateAndRevoke(
  { stytch: { projectId, apiUrl } }: Config,
  stytch: StytchApi,
  accessToken: string,
  isNew: boolean,
): Promise<Outcome> {
  const answer = await stytch('sessions/migrate', {
    session_token: accessToken,
    session_duration_minutes: 5,
  })
  const session = migratedSchema.safeParse(answer).data
  if (!session) {
    const { error_type: type = 'an unknown answer' } = answer as { error_type?: string }
    return problem(
      `Stytch did not migrate the session: ${type}.`,
      'Stytch dashboard, Migrations, userinfo URL',
    )
  }
  await jwtVerify(
    session.session_jwt,
    createRemoteJWKSet(new URL(`${apiUrl}/v1/sessions/jwks/${projectId}`)),
    { issuer: [`stytch.com/${projectId}`, apiUrl.replace(/\/+$/, '')], audience: projectId },
  )
  await stytch('sessions/revoke', { session_token: session.session_token })
  const after = await stytch('sessions/authenticate', { session_token: session.session_token })
  if ((after as { error_type?: string }).error_type !== 'session_not_found') {
    return unchecked('The migration worked, but Stytch did not confirm the end of the new session.')
  }
  const user = isNew ? 'a user made for the test, who is deleted again' : 'the existing user'
  return ok(`The session was migrated to ${user}, and the new session is revoked.`)
}

type StytchApi = (path: string, body: object | null) => Promise<unknown>

/** Calls Stytch's backend API. A refusal is an answer with an `error_type`. Without a body it is a DELETE. */
const stytchApi =
  ({ stytch }: Config, { ask }: Services): StytchApi =>
  async (path, body) => {
    const authorization = basicAuthorization(stytch.projectId, stytch.secret)
    const init = body
      ? jsonRequest('POST', body, authorization)
      : { method: 'DELETE', headers: { authorization } }
    return (await ask(`${stytch.apiUrl}/v1/${path}`, init)).body ?? {}
  }
