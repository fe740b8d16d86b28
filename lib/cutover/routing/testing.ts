import { afterAll, beforeAll } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { startForTests, type TestStandIn } from '../../../sandbox/stytch/fixture.ts'
import { legacyLane } from '../../legacy/lane'
import type { LegacySession } from '../../legacy/session'
import { readStytchSession, type StytchSession } from '../../stytch/session'
import { readCredentials } from '../../token/credentials'
import { registry } from './registry'

/** Only for tests. */

const bearer = (token: string) => readCredentials(new Headers({ authorization: `Bearer ${token}` }))

/** The session of a legacy access token, as the app reads it. */
export async function legacySessionOfToken(
  token: string,
  now = new Date(),
): Promise<LegacySession> {
  const reading = await legacyLane().readSession(bearer(token), registry(), now)
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

/** The session of a Stytch JWT, as the app reads it. */
export async function stytchSessionOfJwt(jwt: string): Promise<StytchSession> {
  const reading = await readStytchSession(bearer(jwt), registry(), new Date())
  if (reading.state !== 'valid') throw new Error(`the session is ${reading.state}`)
  return reading.session
}

/** Starts the Stytch stand-in for one test file, with people whose JWT has expired. */
export function setUpReturningPeople() {
  let standIn: TestStandIn | undefined
  beforeAll(async () => {
    standIn = await startForTests()
    Object.assign(process.env, appEnvironment, {
      STYTCH_API_URL: standIn.url.replace('127.0.0.1', 'localhost'),
    })
  })
  afterAll(() => standIn?.close())
  const started = (): TestStandIn => {
    if (!standIn) throw new Error('The stand-in is not started.')
    return standIn
  }
  const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600
  return {
    control: (...given: Parameters<TestStandIn['control']>) => started().control(...given),

    /** The cookies of somebody whose JWT has expired. */
    async returningPerson(index: number) {
      const { body } = await started().control('POST', 'session', {
        email: `person-${index}@example.com`,
        claims: { iat: anHourAgo, nbf: anHourAgo, exp: anHourAgo + 300 },
      })
      return { stytch_session: body.session_token, stytch_session_jwt: body.session_jwt }
    },
  }
}
