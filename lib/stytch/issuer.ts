import { config } from '../config'
import { type Issuer, remoteKeys } from '../token/registry'

/** The issuer name that is stored with accounts. Stytch uses two names. */
export const stytchIssuerName = (): string => `stytch.com/${config().stytch.projectId}`

/** The issuer of Stytch's session JWTs for our project. https://stytch.com/docs/guides/sessions/using-jwts */
export function stytchIssuer(): Issuer {
  const { projectId, apiUrl } = config().stytch
  const canonicalName = stytchIssuerName()
  return {
    lane: 'stytch',
    // Stytch writes one of two: a name without scheme and slash, or the URL of its API.
    names: [canonicalName, apiUrl.replace(/\/+$/, '')],
    canonicalName,
    audience: projectId,
    algorithms: ['RS256'],
    types: ['jwt'],
    keys: remoteKeys(`${apiUrl}/v1/sessions/jwks/${projectId}`),
    isMachine: ({ sub }) => typeof sub === 'string' && sub.startsWith('m2m-client-'),
  }
}
