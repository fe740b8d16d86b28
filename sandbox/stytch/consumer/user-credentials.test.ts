import type { Client } from 'stytch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorOf, startForTests, type TestStandIn } from '../fixture.ts'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
})
afterAll(() => standIn.close())

const password = 'purple-otter-lamp-74'

async function newUser() {
  const email = `${crypto.randomUUID()}@example.com`
  const { user_id } = await standIn.stytch.passwords.create({ email, password })
  const user = standIn.project.consumer.users.get(user_id)?.user
  if (!user) throw new Error('no user')
  return { email, user }
}

it('deletes a password, and the user has none', async () => {
  const { email, user } = await newUser()
  const password_id = user.password?.password_id ?? ''
  const answer = await standIn.stytch.users.deletePassword({ password_id })
  expect(answer).toMatchObject({ user_id: user.user_id, status_code: 200 })
  expect(answer.user.password).toBeUndefined()
  const signIn = standIn.stytch.passwords.authenticate({ email, password })
  expect(await errorOf(signIn)).toEqual([400, 'no_user_password'])
})

it('deletes an address, and its code stops working', async () => {
  const { email, user } = await newUser()
  const { email_id } = await standIn.stytch.otps.email.loginOrCreate({ email })
  const code = (await standIn.lastMessage()).code ?? ''
  const answer = await standIn.stytch.users.deleteEmail({ email_id })
  expect(answer.user).toMatchObject({ user_id: user.user_id, emails: [] })
  const signIn = standIn.stytch.otps.authenticate({ method_id: email_id, code })
  expect(await errorOf(signIn)).toEqual([404, 'otp_code_not_found'])
})

const lists: [string, string, string, (client: Client, id: string) => Promise<unknown>][] = [
  [
    'emails',
    'email_id',
    'email_not_found',
    ({ users }, email_id) => users.deleteEmail({ email_id }),
  ],
  [
    'phone_numbers',
    'phone_id',
    'phone_number_not_found',
    ({ users }, phone_id) => users.deletePhoneNumber({ phone_id }),
  ],
  ['totps', 'totp_id', 'totp_not_found', ({ users }, totp_id) => users.deleteTOTP({ totp_id })],
  [
    'providers',
    'oauth_user_registration_id',
    'oauth_user_registration_not_found',
    ({ users }, id) => users.deleteOAuthRegistration({ oauth_user_registration_id: id }),
  ],
  [
    'webauthn_registrations',
    'webauthn_registration_id',
    'webauthn_registration_not_found',
    ({ users }, id) => users.deleteWebAuthnRegistration({ webauthn_registration_id: id }),
  ],
  [
    'biometric_registrations',
    'biometric_registration_id',
    'biometric_registration_not_found',
    ({ users }, id) => users.deleteBiometricRegistration({ biometric_registration_id: id }),
  ],
  [
    'crypto_wallets',
    'crypto_wallet_id',
    'crypto_wallet_not_found',
    ({ users }, id) => users.deleteCryptoWallet({ crypto_wallet_id: id }),
  ],
]

it.each(lists)('deletes one of %s, once', async (list, field, error, remove) => {
  const { user } = await newUser()
  const [gone, kept] = [`gone-${crypto.randomUUID()}`, `kept-${crypto.randomUUID()}`]
  Object.assign(user, { [list]: [{ [field]: gone }, { [field]: kept }] })
  expect(await remove(standIn.stytch, gone)).toMatchObject({
    user_id: user.user_id,
    user: { [list]: [{ [field]: kept }] },
  })
  expect(await errorOf(remove(standIn.stytch, gone))).toEqual([404, error])
})
