import type { MemberRole, MemberRoleSource, Organization } from 'stytch'
import type { MemberRecord } from './store.ts'

const direct: MemberRoleSource = { type: 'direct_assignment', details: {} }

/**
 * Sets the roles of the member: `stytch_member`, the assigned ones, and those of the address's domain.
 * Call it after a change of the member or of the organization.
 */
export function assignRoles(
  organization: Organization,
  { member, directRoles }: MemberRecord,
): void {
  const sources = new Map<string, MemberRoleSource[]>()
  const add = (roleId: string, source: MemberRoleSource) =>
    sources.set(roleId, [...(sources.get(roleId) ?? []), source])
  for (const roleId of new Set(['stytch_member', ...directRoles])) add(roleId, direct)
  const domain = emailDomain(member.email_address)
  for (const assignment of organization.rbac_email_implicit_role_assignments) {
    if (assignment.domain.toLowerCase() !== domain) continue
    add(assignment.role_id, { type: 'email_assignment', details: { email_domain: domain } })
  }
  member.roles = [...sources].map(([role_id, list]): MemberRole => ({ role_id, sources: list }))
  member.is_admin = sources.has('stytch_admin')
}

export const emailDomain = (email: string): string => email.slice(email.lastIndexOf('@') + 1)
