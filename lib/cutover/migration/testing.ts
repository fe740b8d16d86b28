import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { decodeJwt } from 'jose'
import { startForTests as startAuth0 } from '../../../sandbox/auth0/fixture.ts'
import { appEnvironment, auth0Tenant } from '../../../sandbox/settings.ts'
import { startForTests as startStytch } from '../../../sandbox/stytch/fixture.ts'
import { openTestDatabase } from '../../db/testing'
import { legacyLane } from '../../legacy/lane'
import type { LegacySession } from '../../legacy/session'
import { readCredentials } from '../../token/credentials'
import { registry } from '../routing/registry'
import { legacySessionOfToken } from '../routing/testing'
import { carryOver } from './carry-over'

/** Only for tests: both stand-ins, an empty database, and migrations between them. Call it in `beforeAll`. */
export async function startMigrationForTests(environment: Record<string, string> = {}) {
  const auth0 = await startAuth0()
  const stytch = await startStytch({ userinfoUrl: `${auth0.url}/userinfo` })
  const stop = () => Promise.all([auth0.close(), stytch.close()])
  Object.assign(
    process.env,
    appEnvironment,
    { STYTCH_API_URL: stytch.url, AUTH0_DOMAIN: auth0.url },
    environment,
  )
  const db = await openTestDatabase()

  return {
    auth0,
    stytch,
    db,
    stop,

    async addLegacyUser(email: string, emailVerified = true): Promise<void> {
      const { body } = await auth0.machineToken()
      const response = await fetch(`${auth0.url}/api/v2/users`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${body.access_token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          connection: auth0Tenant.connection,
          email,
          password: 'purple-otter-lamp-74',
          email_verified: emailVerified,
        }),
      })
      if (response.status !== 201) throw new Error(`the user was not created: ${response.status}`)
    },

    /** A new session, such as that of another device. */
    async legacySessionOf(email: string): Promise<LegacySession> {
      const { body } = await auth0.control('POST', 'token', {
        email,
        claims: { sid: crypto.randomUUID() },
      })
      return legacySessionOfToken(body.access_token)
    },

    /** The session that the Auth0 SDK seals into its cookie after a sign-in with these tokens. */
    async sealedSessionOf(tokens: {
      accessToken: string
      idToken: string
      subject?: string
    }): Promise<LegacySession> {
      const { sub, sid, ...profile } = decodeJwt(tokens.idToken)
      const now = Math.floor(Date.now() / 1_000)
      const cookie = await generateSessionCookie(
        {
          user: { ...profile, sub: tokens.subject ?? String(sub) },
          tokenSet: { ...tokens, expiresAt: now + 3_600 },
          internal: { sid: String(sid), createdAt: now },
        },
        { secret: appEnvironment.AUTH0_SECRET as string },
      )
      const headers = new Headers({ cookie: `__session=${cookie}` })
      const reading = await legacyLane().readSession(
        readCredentials(headers),
        registry(),
        new Date(),
      )
      if (reading.state !== 'valid') throw new Error(`the session is ${reading.refusal}`)
      return reading.session
    },

    migrate: (
      session: LegacySession,
      { now = new Date(), allowMfaDowngrade }: { now?: Date; allowMfaDowngrade?: boolean } = {},
    ) =>
      carryOver(session, async () => session.accessToken, {
        now,
        policy: { version: 1, allowMfaDowngrade },
      }),

    /** The ids of the live Stytch sessions of the user with this address. */
    async stytchSessionsOf(email: string): Promise<string[]> {
      const { results } = await stytch.stytch.users.search({
        query: {
          operator: 'AND',
          operands: [{ filter_name: 'email_address', filter_value: [email] }],
        },
      })
      const { sessions } = await stytch.stytch.sessions.get({ user_id: results[0]?.user_id ?? '' })
      return sessions.map(({ session_id }) => session_id)
    },
  }
}

export type MigrationFixture = Awaited<ReturnType<typeof startMigrationForTests>>
