import { describe, expect, it } from 'vitest'
import { isEmailAddress, normalizedEmail } from './email-address'

const labels = (count: number): string => Array(count).fill('a'.repeat(60)).join('.')

describe('isEmailAddress', () => {
  it.each([
    'ada@example.com',
    'ADA@Example.COM',
    // Every character of an atom (RFC 5321 section 4.1.2).
    'a&b@example.com',
    'o!brien@example.com',
    "o'brien@example.com",
    'user/dept@example.com',
    'a+b@example.com',
    "!#$%&'*+-/=?^_`{|}~@example.com",
    'first.last@example.com',
    // Mailboxes of Japanese carriers have such names.
    'ada..b.@example.com',
    '1@example.com',
    'ada@xn--bcher-kva.example',
    'ada@example.xn--p1ai',
    'ada@1.example',
    'ada@a-b.example',
    'ada@mail.eu.example.com',
    // An intranet.
    'ada@localhost',
    `ada@${labels(4)}`,
  ])('accepts %s', (address) => {
    expect(isEmailAddress(address)).toBe(true)
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'ada@eve@example.com',
    'ada example@example.com',
    ' ada@example.com',
    'ada@example.com ',
    'ada@example.com\n',
    'ada@example.com\0',
    'ada\0@example.com',
    'ada@example.com,eve@example.com',
    'Ada <ada@example.com>',
    '"ada"@example.com',
    '"ada b"@example.com',
    'ada(comment)@example.com',
    'ada\\b@example.com',
    'ada@-example.com',
    'ada@example-.com',
    'ada@.example.com',
    'ada@example..com',
    'ada@example.com.',
    'ada@exa_mple.com',
    'ada@[127.0.0.1]',
    'ada@example.com:25',
    'jörg@example.com',
    'ada@bücher.example',
    'mi\u212ae@example.com',
    'ada\ud800@example.com',
    `ada@${'a'.repeat(64)}.example`,
    `${'a'.repeat(20)}@${labels(4)}`,
  ])('refuses %j', (address) => {
    expect(isEmailAddress(address)).toBe(false)
  })
})

describe('normalizedEmail', () => {
  it('folds the case of an address', () => {
    expect(normalizedEmail('O!Brien@Example.COM')).toBe('o!brien@example.com')
  })

  it('refuses to turn look-alike letters into plain ones (Kelvin sign)', () => {
    expect('\u212a'.toLowerCase()).toBe('k')
    expect(normalizedEmail('mi\u212ae@example.com')).toBe('mi\u212ae@example.com')
  })
})
