import { issuerOfProject } from '../../stytch/issuer'
import type { Issuer } from '../../token/registry'
import { teamProjectKeys } from './client'

const projectName = (): string => `stytch.com/${teamProjectKeys().projectId}`

/**
 * The issuer name that is stored with the account of a member. It names the organization too: a person has one member
 * in each organization, and those are not two people (lib/account/account.ts).
 */
export const memberIssuerName = (organizationId: string): string =>
  `${projectName()}/${organizationId}`

/** Whether {@link memberIssuerName} made this name. */
export const isMemberIssuer = (name: string): boolean => name.startsWith(`${projectName()}/`)

/** The issuer of Stytch's session JWTs for members. https://stytch.com/docs/b2b/guides/sessions/resources/using-jwts */
export const teamIssuer = (): Issuer =>
  issuerOfProject(teamProjectKeys().projectId, projectName(), '/v1/b2b/sessions/jwks')
