import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../../provider-failure'
import { codeMinutes, linkMinutes } from '../../stytch/sign-in'
import { callTeamStytch } from './client'
import { type MemberSignIn, memberSignInOf } from './member-sign-in'

/**
 * The sign-in of a person who has named no organization. They prove an address first, get an intermediate session and
 * choose an organization. All functions throw {StytchRefusal | ProviderFailure}.
 */

/** An organization that a person can sign in to. */
export type DiscoveredOrganization = {
  id: string
  slug: string
  name: string
  /** `invited`: they accept an invitation. `joins`: their address lets them join. */
  relation: 'member' | 'invited' | 'joins'
  /** What the organization asks for beyond the proved address. */
  requires: 'primary_required' | 'mfa_required' | null
}

/** A person who has proved an address. The token opens each of the organizations, so it must not leave the server. */
export type Discovery = {
  intermediateToken: string
  email: string
  organizations: DiscoveredOrganization[]
}

const discoveredOrganization = z
  .object({
    organization: z.object({
      organization_id: z.string().min(1),
      organization_slug: z.string().min(1),
      organization_name: z.string(),
    }),
    membership: z.object({ type: z.string() }),
    primary_required: z.unknown().optional(),
    mfa_required: z.unknown().optional(),
  })
  .transform(
    ({ organization, membership, primary_required, mfa_required }): DiscoveredOrganization => ({
      id: organization.organization_id,
      slug: organization.organization_slug,
      name: organization.organization_name || organization.organization_slug,
      relation: relations[membership.type] ?? 'joins',
      requires: primary_required ? 'primary_required' : mfa_required ? 'mfa_required' : null,
    }),
  )

/** https://stytch.com/docs/b2b/api/discovered-organization-object */
const relations: Record<string, DiscoveredOrganization['relation']> = {
  active_member: 'member',
  pending_member: 'joins',
  invited_member: 'invited',
}

const listAnswer = z.object({
  email_address: z.string().min(1),
  discovered_organizations: z.array(discoveredOrganization),
})
const discoveryAnswer = listAnswer.extend({ intermediate_session_token: z.string().min(1) })

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
function parse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without organizations')
}

function discoveryOf(answer: unknown): Discovery {
  const found = parse(discoveryAnswer, answer)
  return {
    intermediateToken: found.intermediate_session_token,
    email: found.email_address,
    organizations: found.discovered_organizations,
  }
}

export async function sendDiscoveryCode(email: string): Promise<void> {
  await callTeamStytch((client) =>
    client.otps.email.discovery.send({
      email_address: email,
      discovery_expiration_minutes: codeMinutes,
    }),
  )
}

export async function discoverWithCode(email: string, code: string): Promise<Discovery> {
  return discoveryOf(
    await callTeamStytch((client) =>
      client.otps.email.discovery.authenticate({ email_address: email, code }),
    ),
  )
}

/** Mails a link to `url` with a token. The link works only in this browser (RFC 7636). */
export async function sendDiscoveryLink(
  email: string,
  url: string,
  codeChallenge: string,
): Promise<void> {
  await callTeamStytch((client) =>
    client.magicLinks.email.discovery.send({
      email_address: email,
      discovery_redirect_url: url,
      discovery_expiration_minutes: linkMinutes,
      pkce_code_challenge: codeChallenge,
    }),
  )
}

export async function discoverWithLink(
  token: string,
  codeVerifier: string | null,
): Promise<Discovery> {
  return discoveryOf(
    await callTeamStytch((client) =>
      client.magicLinks.discovery.authenticate({
        discovery_magic_links_token: token,
        ...(codeVerifier ? { pkce_code_verifier: codeVerifier } : {}),
      }),
    ),
  )
}

/** The organizations of an intermediate session. It stays usable for ten minutes. */
export async function listOrganizations(
  intermediateToken: string,
): Promise<DiscoveredOrganization[]> {
  const answer = await callTeamStytch((client) =>
    client.discovery.organizations.list({ intermediate_session_token: intermediateToken }),
  )
  return parse(listAnswer, answer).discovered_organizations
}

/** Signs in to one of the organizations. @param minutes how long the session will last */
export async function chooseOrganization(
  intermediateToken: string,
  organizationId: string,
  minutes: number,
): Promise<MemberSignIn> {
  return memberSignInOf(
    await callTeamStytch((client) =>
      client.discovery.intermediateSessions.exchange({
        intermediate_session_token: intermediateToken,
        organization_id: organizationId,
        session_duration_minutes: minutes,
      }),
    ),
  )
}
