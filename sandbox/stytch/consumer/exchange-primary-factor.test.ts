import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorOf, startForTests, type TestStandIn } from '../fixture.ts'

let standIn: TestStandIn
beforeAll(async () => {
  standIn = await startForTests()
})
afterAll(() => standIn.close())

const password = 'purple-otter-lamp-74'
const newAddress = () => `${crypto.randomUUID()}@example.com`

it('exchanges the address of a user, and the password stays', async () => {
  const { user_id } = await standIn.stytch.passwords.create({ email: newAddress(), password })
  const email_address = newAddress()
  const { user } = await standIn.stytch.users.exchangePrimaryFactor({ user_id, email_address })
  expect(user.emails).toMatchObject([{ email: email_address, verified: false }])
  const signedIn = await standIn.stytch.passwords.authenticate({ email: email_address, password })
  expect(signedIn.user_id).toBe(user_id)
})

it('refuses an address that another user has', async () => {
  const email_address = newAddress()
  await standIn.stytch.users.create({ email: email_address })
  const { user_id } = await standIn.stytch.users.create({ email: newAddress() })
  const exchange = standIn.stytch.users.exchangePrimaryFactor({ user_id, email_address })
  expect(await errorOf(exchange)).toEqual([400, 'duplicate_email'])
})

it('refuses a user with two factors, and a request with none or two', async () => {
  const phone_number = '+12025550123'
  const email_address = newAddress()
  const { user_id } = await standIn.stytch.users.create({ email: newAddress(), phone_number })
  const { exchangePrimaryFactor } = standIn.stytch.users
  const exchange = (more: object) =>
    errorOf(exchangePrimaryFactor.call(standIn.stytch.users, { user_id, ...more }))
  expect(await exchange({ email_address })).toEqual([400, 'invalid_exchange_primary_factor_user'])
  const fields = [400, 'invalid_exchange_primary_factor_fields']
  expect(await exchange({})).toEqual(fields)
  expect(await exchange({ email_address, phone_number })).toEqual(fields)
})
