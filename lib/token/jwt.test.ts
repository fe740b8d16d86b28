import { beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuers, legacyClaims, segment, sign, type TestIssuers } from './testing'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

const goodToken = (): Promise<string> => sign(legacyClaims(), issuers.legacyKeys)
const header = segment({ alg: 'RS256', typ: 'JWT', kid: 'legacy-1' })

describe('verifyToken refuses', () => {
  it.each<[string, () => Promise<string> | string, string]>([
    ['an opaque token', () => 'wJalrXUtnFEMI', 'token_opaque'],
    ['an empty token', () => '', 'token_opaque'],
    ['an encrypted token of five segments', () => 'a.b.c.d.e', 'token_malformed'],
    ['a token of two segments', () => 'a.b', 'token_malformed'],
    ['a payload that is no object', () => `${header}.${segment(['x'])}.AAAA`, 'token_malformed'],
    ['a header that is no JSON', () => `AAAA.${segment(legacyClaims())}.AAAA`, 'token_malformed'],
    ['padding', async () => `${await goodToken()}==`, 'token_malformed'],
    ['white space', async () => ` ${await goodToken()}`, 'token_malformed'],
    ['a line break', async () => (await goodToken()).replace('.', '.\n'), 'token_malformed'],
    [
      'the other alphabet of base64',
      () => `${header}.${segment(legacyClaims())}.+/+/`,
      'token_malformed',
    ],
    [
      'letters that look like base64url',
      async () => (await goodToken()).replace(/^e/, '\u0435'),
      'token_malformed',
    ],
    [
      'a token over 8 KB',
      () => sign({ ...legacyClaims(), filler: 'x'.repeat(8_192) }, issuers.legacyKeys),
      'token_too_large',
    ],
  ])('%s', async (_, token, code) => {
    expect(await issuers.codeOf(await token())).toBe(code)
  })

  it('a second spelling of a good signature, with stray bits in the last character', async () => {
    // A signature of 256 bytes has 342 characters. The last one carries two bits, and four that must be zero.
    const token = await goodToken()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const respelled = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) + 1]
    const signatureOf = (text: string) => Buffer.from(text.split('.')[2] as string, 'base64url')
    expect(signatureOf(respelled)).toEqual(signatureOf(token))
    expect(await issuers.codeOf(respelled)).toBe('token_malformed')
  })
})
