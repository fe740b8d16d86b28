import type {
  B2BOrganizationsSearchRequest,
  B2BOrganizationsSearchResponse,
  Organization,
} from 'stytch'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { membersOf } from './members.ts'
import { type Filters, filterValues, searchPage } from './search.ts'

const read = filterValues('organization')

/** Filters for SSO connections and claimed domains are not played. */
function filtersOf(project: Project): Filters<Organization> {
  const addressesOf = (organization: Organization) =>
    membersOf(project, organization).map(({ member }) => member.email_address)
  return {
    organization_ids: (value) => {
      const ids = read.texts(value)
      return ({ organization_id, organization_external_id = '' }) =>
        ids.includes(organization_id) || ids.includes(organization_external_id)
    },
    organization_slugs: (value) => {
      const slugs = read.texts(value)
      return ({ organization_slug }) => slugs.includes(organization_slug)
    },
    organization_name_fuzzy: (value) => {
      const part = read.part(value)
      return ({ organization_name }) => organization_name.toLowerCase().includes(part)
    },
    organization_slug_fuzzy: (value) => {
      const part = read.part(value)
      return ({ organization_slug }) => organization_slug.toLowerCase().includes(part)
    },
    member_emails: (value) => {
      const emails = read.addresses(value)
      return (organization) => addressesOf(organization).some((email) => emails.includes(email))
    },
    member_email_fuzzy: (value) => {
      const part = read.part(value)
      return (organization) => addressesOf(organization).some((email) => email.includes(part))
    },
    allowed_domains: (value) => {
      const domains = read.addresses(value)
      return ({ email_allowed_domains }) =>
        email_allowed_domains.some((domain) => domains.includes(domain))
    },
    allowed_domain_fuzzy: (value) => {
      const part = read.part(value)
      return ({ email_allowed_domains }) =>
        email_allowed_domains.some((domain) => domain.includes(part))
    },
  }
}

/** Newest organizations first. */
export function searchOrganizations(
  project: Project,
  sent: Sent<B2BOrganizationsSearchRequest>,
): Answer<B2BOrganizationsSearchResponse> {
  const all = [...project.b2b.store.organizations.values()].reverse()
  const { found, results_metadata } = searchPage('organization', all, filtersOf(project), sent)
  return { organizations: found, results_metadata }
}
