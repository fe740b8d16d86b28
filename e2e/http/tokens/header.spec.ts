import type { Refusal } from '../../../lib/token/refusal.ts'
import { test } from '../../world/test.ts'
import { refuses, shapes } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { forge } = shape
  const headers: [string, Record<string, unknown>, Refusal][] = [
    ['with the algorithm none', { alg: 'none' }, 'algorithm_not_allowed'],
    ['with the algorithm NONE', { alg: 'NONE' }, 'algorithm_not_allowed'],
    ['signed with the public key as HS256 secret', { alg: 'HS256' }, 'algorithm_not_allowed'],
    ['signed with RS512', { alg: 'RS512' }, 'algorithm_not_allowed'],
    ['without an algorithm', { alg: null }, 'algorithm_not_allowed'],
    ['whose algorithm is an array', { alg: ['RS256'] }, 'algorithm_not_allowed'],
    ['without a kid', { kid: null }, 'key_missing'],
    ['with an empty kid', { kid: '' }, 'key_missing'],
    ['whose kid is a number', { kid: 0 }, 'key_missing'],
    ['without a type', { typ: null }, 'type_not_allowed'],
    ['of the type of a logout token', { typ: 'logout+jwt' }, 'type_not_allowed'],
    ['of the type of a DPoP proof', { typ: 'dpop+jwt' }, 'type_not_allowed'],
    [
      'with a critical extension that nobody knows',
      { crit: ['evil'], evil: true },
      'token_malformed',
    ],
  ]
  for (const [name, header, code] of headers) {
    refuses(shape, { name, forge: () => forge({ header }), code })
  }
  for (const kid of ['unknown', '__proto__', '../../jwks.json']) {
    refuses(shape, {
      name: `of the unknown kid ${kid}`,
      forge: () => forge({ header: { kid } }),
      code: 'key_unknown',
    })
  }
}
