import type { Refusal } from '../../../lib/token/refusal.ts'
import { auth0Tenant } from '../../../sandbox/settings.ts'
import { test } from '../../world/test.ts'
import { legacyShape, refuses, shapes } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { issuer, forge } = shape
  const issuers: [string, unknown, Refusal][] = [
    ['without an issuer', null, 'issuer_missing'],
    ['whose issuer is an array', [issuer], 'issuer_missing'],
    ['whose issuer is a number', 42, 'issuer_missing'],
    ['whose issuer is an object', { iss: issuer }, 'issuer_missing'],
    ['whose issuer is true', true, 'issuer_missing'],
    ['whose issuer is empty', '', 'issuer_unknown'],
    [
      'whose issuer has a slash too many or too few',
      issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`,
      'issuer_unknown',
    ],
    ['whose issuer is in capitals', issuer.toUpperCase(), 'issuer_unknown'],
    ['whose issuer has a look-alike letter', issuer.replace('o', 'о'), 'issuer_unknown'],
    ['whose issuer has a space behind it', `${issuer} `, 'issuer_unknown'],
    ['whose issuer has a line break behind it', `${issuer}\n`, 'issuer_unknown'],
    ['whose issuer ends in another host', `${issuer}.evil.example`, 'issuer_unknown'],
    ['whose issuer goes up a folder', `${issuer}/../evil`, 'issuer_unknown'],
    ['whose issuer has a fragment', `${issuer}#evil`, 'issuer_unknown'],
    [
      'whose issuer hides the host behind user info',
      `https://${issuer.replace(/^\w+:\/\//, '').replace('/', '@evil.example/')}`,
      'issuer_unknown',
    ],
    ['whose issuer is two joined by a comma', `${auth0Tenant.issuer},${issuer}`, 'issuer_unknown'],
    ['of the issuer __proto__', '__proto__', 'issuer_unknown'],
    ['of the issuer constructor', 'constructor', 'issuer_unknown'],
    [
      'of another tenant or project',
      shape === legacyShape
        ? 'https://evil-tenant.eu.auth0.com/'
        : 'stytch.com/project-test-00000000-0000-4000-8000-000000000000',
      'issuer_unknown',
    ],
  ]
  for (const [name, iss, code] of issuers) {
    refuses(shape, { name, forge: () => forge({ claims: { iss } }), code })
  }
}
