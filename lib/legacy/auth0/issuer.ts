import { type Issuer, remoteKeys } from '../../token/registry'
import { auth0Config } from '../config'

/** The issuer of Auth0's access tokens for our API. */
export function legacyIssuer(): Issuer {
  const auth0 = auth0Config()
  const [issuer, ...others] = auth0.issuers
  return {
    lane: 'legacy',
    names: [issuer, ...others],
    canonicalName: issuer,
    audience: auth0.audience ?? [],
    algorithms: ['RS256'],
    // Auth0's default profile writes "JWT", its RFC 9068 profile "at+jwt".
    types: ['jwt', 'at+jwt'],
    keys: remoteKeys(`${issuer}.well-known/jwks.json`),
    isMachine: ({ sub, gty }) =>
      gty === 'client-credentials' || (typeof sub === 'string' && sub.endsWith('@clients')),
  }
}
