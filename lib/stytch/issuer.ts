import { config } from '../config'
import { type Issuer, remoteKeys } from '../token/registry'

/** The form of Stytch's `iss` that is stored with accounts. */
export const stytchIssuerName = (): string => `stytch.com/${config().stytch.projectId}`

/** Stytch's session JWTs: signed for our project. https://stytch.com/docs/guides/sessions/using-jwts */
export function stytchIssuer(): Issuer {
  const { projectId, apiUrl } = config().stytch
  const canonicalName = stytchIssuerName()
  return {
    lane: 'stytch',
    // Stytch writes either: without a scheme and without a slash, or the address of its API.
    names: [canonicalName, apiUrl.replace(/\/+$/, '')],
    canonicalName,
    audience: projectId,
    algorithms: ['RS256'],
    types: ['jwt'],
    keys: remoteKeys(`${apiUrl}/v1/sessions/jwks/${projectId}`),
    isMachine: ({ sub }) => typeof sub === 'string' && sub.startsWith('m2m-client-'),
  }
}
