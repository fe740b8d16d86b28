import { organizations, stytchMember, stytchOrganization } from '../../settings.ts'
import { stableId } from '../ids.ts'
import { emptyMember, emptyOrganization } from './empty-records.ts'
import { assignRoles } from './member-roles.ts'
import type { B2bStore } from './store.ts'

/**
 * The data of the demo. Acme and Globex are linked to Auth0's organizations. Their members are not imported yet. A new member
 * may join Acme and may not join Globex. Initech and the member Edsger exist at Stytch alone.
 */
export function createB2bStore(now: number): B2bStore {
  const store: B2bStore = {
    organizations: new Map(),
    members: new Map(),
    sessions: new Map(),
    intermediateSessions: new Map(),
    organizationRoles: new Map(),
  }
  const add = (name: string, slug: string) => {
    const organizationId = stableId('organization', slug)
    const organization = emptyOrganization({ organizationId, name, slug, now })
    store.organizations.set(organizationId, organization)
    return organization
  }
  const acme = add(organizations.acme.name, 'acme')
  acme.organization_external_id = organizations.acme.auth0Id
  acme.email_allowed_domains = ['acme.example']
  acme.email_jit_provisioning = 'RESTRICTED'
  acme.email_invites = 'RESTRICTED'
  const globex = add(organizations.globex.name, 'globex')
  globex.organization_external_id = organizations.globex.auth0Id
  globex.email_invites = 'NOT_ALLOWED'
  const initech = add(stytchOrganization.name, stytchOrganization.slug)

  for (const organization of [acme, initech]) {
    const slug = organization.organization_slug as keyof typeof stytchMember.roles
    const { email, name, roles } = stytchMember
    const memberId = stableId('member', `${slug}:${email}`)
    const organizationId = organization.organization_id
    const record = emptyMember({ memberId, organizationId, email, now })
    record.member.name = name
    record.member.email_address_verified = true
    record.directRoles = [roles[slug]].filter((role) => role !== 'stytch_member')
    assignRoles(organization, record)
    store.members.set(memberId, record)
  }
  return store
}
