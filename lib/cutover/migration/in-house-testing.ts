import { NextRequest } from 'next/server'
import { GET as userinfoRoute } from '@/app/(cutover)/api/legacy/userinfo/route'
import { seedInHouseUsers } from '../../../sandbox/in-house/seed.ts'
import { listenOnLocalhost } from '../../../sandbox/localhost.ts'
import { appEnvironment, demoPassword, inHouseEnvironment } from '../../../sandbox/settings.ts'
import { startForTests } from '../../../sandbox/stytch/fixture.ts'
import { databasePool } from '../../db/database'
import { openTestDatabase } from '../../db/testing'
import { sessionCookieName } from '../../legacy/in-house/session'
import { signIn } from '../../legacy/in-house/sessions'
import { legacyLane } from '../../legacy/lane'
import type { LegacySession } from '../../legacy/session'
import { readCredentials } from '../../token/credentials'
import { registry } from '../routing/registry'

/** Only for tests: the in-house login with its userinfo route, the Stytch stand-in and an empty database. */
export async function startInHouseForTests() {
  const server = await listenOnLocalhost(0, '', async (incoming, outgoing) => {
    const request = new NextRequest(`http://localhost${incoming.url}`, {
      headers: { authorization: incoming.headers.authorization ?? '' },
    })
    const response = await userinfoRoute(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  })
  const url = `http://localhost:${server.port}/api/legacy/userinfo`
  const stytch = await startForTests({ userinfoUrl: url })
  Object.assign(process.env, appEnvironment, inHouseEnvironment, {
    STYTCH_API_URL: stytch.url,
    LEGACY_MAIL_URL: `${stytch.url}/_sandbox/inbox`,
  })
  const db = await openTestDatabase()
  await seedInHouseUsers(await databasePool())
  return {
    db,
    stytch,
    url,
    stop: () => Promise.all([server.close(), stytch.close()]),

    /** A new session of a demo user, as the app reads it from the cookie. */
    async sessionOf(email: string): Promise<LegacySession> {
      const { token } = await signIn(email, demoPassword, new Date())
      const reading = await readCookie(token)
      if (reading.state !== 'valid') throw new Error(`the session is ${reading.refusal}`)
      return reading.session
    },

    /** Asks the userinfo route as Stytch does. */
    askUserinfo: (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } }),
  }
}

export type InHouseFixture = Awaited<ReturnType<typeof startInHouseForTests>>

export const readCookie = (value: string, now = new Date()) =>
  legacyLane().readSession(
    readCredentials(new Headers({ cookie: `${sessionCookieName}=${value}` })),
    registry(),
    now,
  )
