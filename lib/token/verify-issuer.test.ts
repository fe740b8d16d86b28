import { beforeAll, expect, it } from 'vitest'
import {
  createTestIssuers,
  legacyClaims,
  legacyName,
  sign,
  stytchName,
  type TestIssuers,
} from './testing'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

it.each<[string, unknown, string]>([
  ['no issuer', undefined, 'issuer_missing'],
  ['an array', [legacyName], 'issuer_missing'],
  ['a number', 1, 'issuer_missing'],
  ['null', null, 'issuer_missing'],
  ['an object', { toString: legacyName }, 'issuer_missing'],
  ['the name without its slash', 'https://tenant.example', 'issuer_unknown'],
  ['the name with a second slash', 'https://tenant.example//', 'issuer_unknown'],
  ["Stytch's name with a scheme", `https://${stytchName}`, 'issuer_unknown'],
  ["Stytch's name with a slash", `${stytchName}/`, 'issuer_unknown'],
  ['the name in another case', 'https://Tenant.example/', 'issuer_unknown'],
  ['the name with look-alike letters', 'https://ten\u0430nt.example/', 'issuer_unknown'],
  ['the name as a user-info part', 'https://tenant.example@evil.example/', 'issuer_unknown'],
  ['a longer host', 'https://tenant.example.evil.example/', 'issuer_unknown'],
  ['the name with white space', ` ${legacyName}`, 'issuer_unknown'],
  ['__proto__', '__proto__', 'issuer_unknown'],
  ['constructor', 'constructor', 'issuer_unknown'],
  ['an empty name', '', 'issuer_unknown'],
  ['an unregistered name', 'https://evil.example/', 'issuer_unknown'],
])('refuses a token whose issuer is %s', async (_, iss, code) => {
  const token = await sign({ ...legacyClaims(), iss }, issuers.legacyKeys)
  expect(await issuers.codeOf(token)).toBe(code)
})
