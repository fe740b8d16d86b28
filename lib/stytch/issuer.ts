import { config } from '../config'
import { type Issuer, remoteKeys } from '../token/registry'

/** The issuer name that is stored with accounts. Stytch uses two names. */
export const stytchIssuerName = (): string => `stytch.com/${config().stytch.projectId}`

/** The issuer of Stytch's session JWTs for our project. https://stytch.com/docs/guides/sessions/using-jwts */
export const stytchIssuer = (): Issuer =>
  issuerOfProject(config().stytch.projectId, stytchIssuerName(), '/v1/sessions/jwks')

/**
 * The issuer of the session JWTs of one of our projects.
 * @param jwksPath of the API of that kind of project, without the id of the project
 */
export function issuerOfProject(
  projectId: string,
  canonicalName: string,
  jwksPath: string,
): Issuer {
  const { apiUrl } = config().stytch
  return {
    lane: 'stytch',
    // Stytch writes one of two: a name without scheme and slash, or the URL of its API.
    names: [canonicalName, apiUrl.replace(/\/+$/, '')],
    canonicalName,
    audience: projectId,
    algorithms: ['RS256'],
    types: ['jwt'],
    keys: remoteKeys(`${apiUrl}${jwksPath}/${projectId}`),
    isMachine: ({ sub }) => typeof sub === 'string' && sub.startsWith('m2m-client-'),
  }
}
