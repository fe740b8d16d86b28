import { describe, expect, it } from 'vitest'
import { stytchUserOf } from './users'

const userWith = (email: string) =>
  stytchUserOf({
    user_id: 'user-test-1',
    emails: [{ email_id: 'email-test-1', email, verified: true }],
  })

describe('stytchUserOf', () => {
  it('folds the case of an address', () => {
    expect(userWith('O!Brien@Example.COM').email).toBe('o!brien@example.com')
  })

  it('refuses to turn an address with look-alike letters into a plain one (Kelvin sign)', () => {
    expect(userWith('mi\u212ae@example.com').email).toBe('mi\u212ae@example.com')
  })
})
