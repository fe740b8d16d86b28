import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { startForTests, type TestStandIn } from '../../sandbox/stytch/fixture.ts'
import { openTestDatabase } from '../db/testing'
import { findRevocation } from '../revocation/revocation-list'
import { adoptSession } from './adopt-session'
import { stytchIssuerName } from './issuer'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
  Object.assign(process.env, appEnvironment, { STYTCH_API_URL: standIn.url })
  await openTestDatabase()
})
beforeEach(() => standIn.control('DELETE', 'requests'))
afterAll(() => standIn.close())

const minutes = { session_duration_minutes: 60 }
type Answer = { session_token: string; session_jwt: string }
const tokensOf = ({ session_token, session_jwt }: Answer) => ({
  sessionToken: session_token,
  sessionJwt: session_jwt,
})
const adopt = (answer: Answer, now = new Date()) => adoptSession(tokensOf(answer), now)

const signUp = (email: string) =>
  standIn.stytch.passwords.create({ email, password: 'plover-basalt-orrery-31', ...minutes })

/** Signs in by a code, as the SDK does: with a session in the cookies, the code is added to that session. */
async function signInByCode(email: string, existing?: Answer) {
  const { email_id: method_id } = await standIn.stytch.otps.email.loginOrCreate({ email })
  const code = (await standIn.lastMessage()).code ?? ''
  const session_token = existing?.session_token
  return standIn.stytch.otps.authenticate({ method_id, code, session_token, ...minutes })
}

const callsToStytch = async (): Promise<string[]> =>
  (await standIn.control('GET', 'requests')).body
    .map(({ path }: { path: string }) => path)
    .filter((path: string) => !path.includes('/jwks/'))

it('adopts the session of a sign-in', async () => {
  for (const [email, signIn] of [
    ['ada-adopts@example.com', signUp],
    ['grace-adopts@example.com', signInByCode],
  ] as const) {
    const answer = await signIn(email)
    const signedIn = await adopt(answer)
    expect(signedIn).toMatchObject({ sessionId: answer.session?.session_id, user: { email } })
  }
})

describe("a session that an attacker began and planted in the owner's browser (session fixation)", () => {
  it("is refused after the owner's sign-in was added to it, and ended for both of them", async () => {
    const email = 'grace-fixation@example.com'
    const planted = await signUp(email)
    const shared = await signInByCode(email, planted)
    expect(shared.session_token).toBe(planted.session_token)
    await expect(adopt(shared)).rejects.toMatchObject({ code: 'session_not_new' })

    const { session_token } = planted
    await expect(standIn.stytch.sessions.authenticate({ session_token })).rejects.toMatchObject({
      error_type: 'session_not_found',
    })
    const ended = {
      issuer: stytchIssuerName(),
      subject: planted.user_id,
      sessionId: planted.session?.session_id ?? '',
      startedAt: new Date(),
    }
    expect(await findRevocation(ended)).toBe('session_ended')
  })

  it('is refused when it began before this sign-in', async () => {
    const answer = await signUp('alan-fixation@example.com')
    const { session_token } = answer
    const fresh = await standIn.stytch.sessions.authenticate({ session_token })
    const later = new Date(Date.now() + 5 * 60_000 - 5_000)
    await expect(adopt(fresh, later)).resolves.toMatchObject({ subject: answer.user_id })
    const tooLate = new Date(Date.now() + 5 * 60_000 + 1_000)
    await expect(adopt(fresh, tooLate)).rejects.toMatchObject({ code: 'session_not_new' })
  })

  it('is refused when its token comes with the JWT of another session', async () => {
    const [planted, own] = [await signUp('m@example.com'), await signUp('own@example.com')]
    const mixed = { session_token: planted.session_token, session_jwt: own.session_jwt }
    await expect(adopt(mixed)).rejects.toMatchObject({ errorType: 'session_not_found' })
  })
})

it('a flood of made-up tokens causes no call to Stytch, and a few calls without a JWT', async () => {
  const { session_jwt } = await signUp('flood@example.com')
  await standIn.control('DELETE', 'requests')
  const madeUp = () => `made-up-${crypto.randomUUID()}`
  const forged = `${session_jwt.slice(0, -8)}AAAAAAAA`
  const flood = (jwt: string) =>
    Promise.allSettled(
      Array.from({ length: 133 }, () => adopt({ session_token: madeUp(), session_jwt: jwt })),
    )
  await flood(forged)
  expect(await callsToStytch()).toEqual([])
  await flood('')
  const calls = (await callsToStytch()).length
  expect(calls).toBeGreaterThan(0)
  expect(calls).toBeLessThanOrEqual(20)
})
