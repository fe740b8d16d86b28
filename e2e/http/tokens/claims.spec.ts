import type { Refusal } from '../../../lib/token/refusal.ts'
import { auth0Tenant, stytchProject } from '../../../sandbox/settings.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { test } from '../../world/test.ts'
import { legacyShape, refuses, shapes, stytchShape } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { forge } = shape
  const claims: [string, () => Record<string, unknown>, Refusal][] = [
    ['for another audience', () => ({ aud: 'https://api.evil.example/' }), 'audience_mismatch'],
    [
      "for another project's or tenant's audience",
      () => ({
        aud:
          shape === legacyShape
            ? [stytchProject.projectId, `${auth0Tenant.issuer}api/v2/`]
            : ['project-test-00000000-0000-4000-8000-000000000000', auth0Tenant.audience],
      }),
      'audience_mismatch',
    ],
    ['without an audience', () => ({ aud: null }), 'audience_mismatch'],
    ['whose audience is an empty list', () => ({ aud: [] }), 'audience_mismatch'],
    ['without an expiry', () => ({ exp: null }), 'claim_invalid'],
    ['whose expiry is text', () => ({ exp: String(epochSeconds() + 600) }), 'claim_invalid'],
    ['without a time of issue', () => ({ iat: null }), 'claim_invalid'],
    ['without a subject', () => ({ sub: null }), 'claim_invalid'],
    ['with an empty subject', () => ({ sub: '' }), 'claim_invalid'],
    ['whose subject is a number', () => ({ sub: 7 }), 'claim_invalid'],
    ['that is issued in a minute', () => ({ iat: epochSeconds() + 60 }), 'token_not_yet_valid'],
    [
      'that is not valid before a minute',
      () => ({ nbf: epochSeconds() + 60 }),
      'token_not_yet_valid',
    ],
  ]
  for (const [name, changed, code] of claims) {
    refuses(shape, { name, forge: () => forge({ claims: changed() }), code })
  }
  refuses(shape, {
    name: 'that expired a second ago',
    forge: () => forge({ claims: { exp: epochSeconds() - 1 } }),
    code: 'token_expired',
  })
}

refuses(stytchShape, {
  name: 'without a session in it',
  forge: () => stytchShape.forge({ claims: { 'https://stytch.com/session': null } }),
  code: 'claim_invalid',
})
refuses(stytchShape, {
  name: 'whose session has ended',
  forge: () =>
    stytchShape.forge({
      claims: {
        'https://stytch.com/session': { id: 's', expires_at: new Date(0).toISOString() },
      },
    }),
  code: 'session_ended',
})
