import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { startForTests, type TestStandIn } from '../../sandbox/stytch/fixture.ts'
import { openTestDatabase } from '../db/testing'
import { stytchAccount } from './account'
import { stytchIssuerName } from './issuer'
import { type SignedIn, signedInOf } from './sign-in'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
  Object.assign(process.env, appEnvironment, { STYTCH_API_URL: standIn.url })
  await openTestDatabase()
})
afterAll(() => standIn.close())

const open = ({ user, ...opened }: SignedIn, isSignIn: boolean) =>
  stytchAccount({ ...opened, issuer: stytchIssuerName() }, isSignIn ? user : null, () => null)
const view = (device: SignedIn) => open(device, false)

async function signInByCode(email: string): Promise<SignedIn> {
  const { email_id } = await standIn.stytch.otps.email.loginOrCreate({ email })
  const { code } = await standIn.lastMessage()
  const device = signedInOf(
    await standIn.stytch.otps.authenticate({
      method_id: email_id,
      code: code ?? '',
      session_duration_minutes: 60,
    }),
  )
  await open(device, true)
  return device
}

const isLive = ({ tokens }: SignedIn): Promise<boolean> =>
  standIn.stytch.sessions.authenticate({ session_token: tokens.sessionToken }).then(
    () => true,
    () => false,
  )

const notAscii = (name: string) => [
  `zo\u00eb-${name}@example.com`,
  `ada-${name}@ex\u00e4mple.example`,
  `zo\u00eb-${name}@ex\u00e4mple.example`,
  `mi\u212ae-${name}@example.com`,
]

describe.each(['plain@example.com', ...notAscii('a')])('somebody with the address %s', (email) => {
  it('stays signed in on one device while the other one is used', async () => {
    const first = await signInByCode(email)
    const second = await signInByCode(email)
    await standIn.control('DELETE', 'requests')
    for (const device of [second, first, second]) await view(device)
    expect((await standIn.control('GET', 'requests')).body).toEqual([])
    expect([await isLive(first), await isLive(second)]).toEqual([true, true])
  })
})

describe.each(['plain-b@example.com', ...notAscii('b')])('the address %s', (email) => {
  it('ends the session of an attacker who signed up with it and a password (pre-hijacking), once its owner proves it', async () => {
    const password = 'plover-basalt-orrery-31'
    const signUp = { email, password, session_duration_minutes: 60 }
    const attacker = signedInOf(await standIn.stytch.passwords.create(signUp))
    await open(attacker, true)
    const owner = await signInByCode(email)
    expect([await isLive(attacker), await isLive(owner)]).toEqual([false, true])
  })
})
