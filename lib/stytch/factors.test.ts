import { expect, it } from 'vitest'
import { memberSessionFactors, sessionFactors } from './factors'

const code = {
  type: 'email_otp',
  delivery_method: 'email',
  email_factor: { email_id: 'email-test-1', email_address: 'Katherine@globex.example' },
}
const totp = { type: 'totp', delivery_method: 'authenticator_app' }
const sms = { type: 'otp', delivery_method: 'sms' }
const recovery = { type: 'recovery_codes', delivery_method: 'recovery_code' }
const password = { type: 'password', delivery_method: 'knowledge' }

it.each([[totp], [sms], [recovery]])(
  'a second factor of a member, %j, takes no proof away',
  (second) => {
    expect(memberSessionFactors.parse([code, second])).toMatchObject({
      emails: ['katherine@globex.example'],
      count: 1,
    })
  },
)

it('a member session that began with a password proves no address, whatever was added', () => {
  expect(memberSessionFactors.parse([password, totp, code])).toMatchObject({ emails: [], count: 2 })
})

it('the session of a consumer can begin with each of these factors, so all of them count', () => {
  for (const first of [totp, sms, recovery]) {
    expect(sessionFactors.parse([first, code])).toMatchObject({ emails: [], count: 2 })
  }
})
