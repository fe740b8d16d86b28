import { decodeJwt, decodeProtectedHeader } from 'jose'
import { auth0Tenant, demoUsers } from '../../../sandbox/settings.ts'
import { auth0 } from '../../world/auth0.ts'
import { test } from '../../world/test.ts'
import { email, legacyShape, refuses, type Shape, stytchShape } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

/** Genuine tokens of another kind, or signed by the other provider. */

const subject = demoUsers.find((user) => user.email === email)?.subject as string

// Signed by one provider, with the claims of the other.
const asLegacy = () => ({
  iss: auth0Tenant.issuer,
  aud: [auth0Tenant.audience, `${auth0Tenant.issuer}userinfo`],
  sub: subject,
})
const asStytch = async () => {
  const { iss, aud, sub, ...claims } = decodeJwt(await stytchShape.forge())
  const name = 'https://stytch.com/session'
  return { iss, aud, sub, [name]: claims[name] }
}
const kidOf = async (shape: Shape) => decodeProtectedHeader(await shape.forge()).kid

refuses(legacyShape, {
  name: "that Stytch's key signed under its own kid",
  forge: () => stytchShape.forge({ claims: asLegacy() }),
  code: 'key_unknown',
})
refuses(legacyShape, {
  name: "that Stytch's key signed under the legacy kid",
  forge: async () =>
    stytchShape.forge({ claims: asLegacy(), header: { kid: await kidOf(legacyShape) } }),
  code: 'signature_invalid',
})
refuses(stytchShape, {
  name: "that the legacy provider's key signed under its own kid",
  forge: async () => legacyShape.forge({ claims: await asStytch() }),
  code: 'key_unknown',
})
refuses(stytchShape, {
  name: "that the legacy provider's key signed under Stytch's kid",
  forge: async () =>
    legacyShape.forge({ claims: await asStytch(), header: { kid: await kidOf(stytchShape) } }),
  code: 'signature_invalid',
})

refuses(legacyShape, {
  name: 'that is an ID token',
  forge: () => auth0.idToken(email),
  code: 'audience_mismatch',
})

refuses(legacyShape, {
  name: 'for userinfo only',
  forge: () => legacyShape.forge({ claims: { aud: `${auth0Tenant.issuer}userinfo` } }),
  code: 'audience_mismatch',
})
refuses(legacyShape, {
  name: 'of a machine',
  forge: () => auth0.machineToken(),
  code: 'machine_token',
})
refuses(legacyShape, {
  name: 'of a machine that calls itself by the name of a person',
  forge: () => legacyShape.forge({ claims: { gty: 'client-credentials' } }),
  code: 'machine_token',
})
refuses(stytchShape, {
  name: 'of a machine',
  forge: () => stytchShape.forge({ claims: { sub: 'm2m-client-test-1' } }),
  code: 'machine_token',
})
