import { decodeJwt } from 'jose'
import type { Refusal } from '../../../lib/token/refusal.ts'
import { expect, test } from '../../world/test.ts'
import { type Attack, refuses, shapes } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { forge } = shape
  refuses(shape, {
    name: 'signed by a stranger under its kid',
    forge: () => forge({ signWith: 'stranger' }),
    code: 'signature_invalid',
  })
  refuses(shape, {
    name: 'over 8 KB',
    forge: () => forge({ claims: { pad: 'x'.repeat(5_900) } }),
    code: 'token_too_large',
  })

  const texts: [string, (token: string) => string, Refusal, Partial<Attack>?][] = [
    ['that is opaque', () => 'kFvXhWj3Q0mZb2yR9c1tA7n', 'token_opaque'],
    // Auth0 issues such an encrypted token when a client names no audience. Only its userinfo accepts it.
    [
      'of five parts',
      () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXZpdml2aXZpdg.Y2lwaGVy.dGFndGFndGFn',
      'token_malformed',
    ],
    ['of two parts', (token) => token.split('.').slice(0, 2).join('.'), 'token_malformed'],
    ['with a fourth part', (token) => `${token}.`, 'token_malformed'],
    ['with stray bits in its last letter', withStrayBits, 'token_malformed'],
    ['with padding', (token) => `${token}==`, 'token_malformed'],
    ['in the other base64 alphabet', inOtherAlphabet, 'token_malformed'],
    ['with a space in it', (token) => token.replace('.', '. '), 'token_malformed'],
    ['with a space before it', (token) => ` ${token}`, 'token_malformed'],
    ['with a space behind it', (token) => `${token} `, 'token_malformed', { cookieOnly: true }],
    [
      'with a line break in it',
      (t) => t.replace('.', '\n.'),
      'token_malformed',
      { cookieOnly: true },
    ],
    ['with a NUL behind it', (token) => `${token}\0`, 'token_malformed', { cookieOnly: true }],
    ['whose parts are not JSON', () => 'AAAA.AAAA.AAAA', 'token_malformed'],
    ['whose claims are a list', (t) => withPayload(t, '[]'), 'token_malformed'],
    ['whose claims are null', (t) => withPayload(t, 'null'), 'token_malformed'],
    ['whose claims were changed', changedClaims, 'signature_invalid'],
    ['without its signature', (t) => `${t.slice(0, t.lastIndexOf('.'))}.`, 'signature_invalid'],
  ]
  for (const [name, change, code, more] of texts) {
    // The base64 text of this claim has letters in which the two alphabets differ, at any offset.
    const forgeChanged = async () => change(await forge({ claims: { note: '>>>>>' } }))
    refuses(shape, { name, forge: forgeChanged, code, ...more })
  }
}

function withStrayBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) | 1]
}

function inOtherAlphabet(token: string): string {
  expect(token).toMatch(/[-_]/)
  return token.replaceAll('-', '+').replaceAll('_', '/')
}

function withPayload(token: string, payload: string): string {
  const [header, , signature] = token.split('.')
  return `${header}.${Buffer.from(payload).toString('base64url')}.${signature}`
}

function changedClaims(token: string): string {
  return withPayload(token, JSON.stringify({ ...decodeJwt(token), email: 'root@example.com' }))
}
