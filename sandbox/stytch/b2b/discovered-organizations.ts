import type { AuthenticationFactor, DiscoveredOrganization, Membership, Organization } from 'stytch'
import type { Project } from '../project.ts'
import { canJoinByDiscovery } from './jit-provisioning.ts'
import { emailProofRequired, mfaRequired, primaryRequired } from './login-requirements.ts'
import { emailDomain } from './member-roles.ts'
import { findMemberByEmail } from './members.ts'

type Discovery = {
  email: string
  factors: AuthenticationFactor[]
  /** A member session lists only memberships. An intermediate session also lists what it can join. */
  canJoin: boolean
}

/** The organizations that a person with these factors can log in to, or is a member of. */
export function discoveredOrganizations(
  project: Project,
  discovery: Discovery,
): DiscoveredOrganization[] {
  return [...project.b2b.store.organizations.values()].flatMap((organization) => {
    const membership = membershipIn(project, organization, discovery)
    return membership ? [withRequirements(organization, membership, discovery)] : []
  })
}

function membershipIn(
  project: Project,
  organization: Organization,
  { email, canJoin }: Discovery,
): Membership | undefined {
  const member = findMemberByEmail(project, organization, email)?.member
  if (member) return { type: `${member.status}_member`, member: structuredClone(member) }
  if (!canJoin || !canJoinByDiscovery(project, organization, email)) return undefined
  return { type: 'eligible_to_join_by_email_domain', details: { domain: emailDomain(email) } }
}

function withRequirements(
  organization: Organization,
  membership: Membership,
  { factors }: Discovery,
): DiscoveredOrganization {
  const member = membership.member ?? null
  const primary =
    primaryRequired(organization, member, factors) ??
    emailProofRequired(organization, member, factors)
  const mfa = mfaRequired(organization, member, factors)
  return {
    organization,
    membership,
    member_authenticated: !primary && !mfa,
    ...(primary ? { primary_required: primary } : {}),
    ...(mfa ? { mfa_required: mfa } : {}),
  }
}
