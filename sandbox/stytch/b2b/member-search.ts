import type {
  B2BOrganizationsMembersSearchRequest,
  B2BOrganizationsMembersSearchResponse,
  Member,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { allMembersOf } from './members.ts'
import { requireOrganization } from './organizations.ts'
import { type Filters, filterNames, filterValues, searchPage } from './search.ts'

const read = filterValues('member')

/** By `filter_name`. Filters for OAuth registrations are not played. */
const filters: Filters<Member> = {
  member_ids: (value) => {
    const ids = read.texts(value)
    const internal = ids.filter((id) => /^member-(test|live)-/.test(id))
    if (internal.length > 0 && internal.length < ids.length) {
      throw new ApiError('member_search_cannot_mix_internal_and_external_member_ids')
    }
    return ({ member_id, external_id = '' }) => ids.includes(member_id) || ids.includes(external_id)
  },
  member_emails: (value) => {
    const emails = read.addresses(value)
    return ({ email_address }) => emails.includes(email_address)
  },
  member_email_fuzzy: (value) => {
    const part = read.part(value)
    return ({ email_address }) => email_address.includes(part)
  },
  member_is_breakglass: (value) => {
    const wanted = read.flag(value)
    return ({ is_breakglass }) => is_breakglass === wanted
  },
  statuses: (value) => {
    const statuses = read.texts(value)
    return ({ status }) => statuses.includes(status)
  },
  member_mfa_phone_numbers: (value) => {
    const numbers = read.texts(value)
    return ({ mfa_phone_number }) => numbers.includes(mfa_phone_number)
  },
  member_roles: (value) => {
    const wanted = read.texts(value)
    return ({ roles }) => roles.some(({ role_id }) => wanted.includes(role_id))
  },
  password_exists: (value) => {
    const wanted = read.flag(value)
    return ({ member_password_id }) => (member_password_id !== '') === wanted
  },
}

/** Newest members first. Deleted members match only a search by status. */
export function searchMembers(
  project: Project,
  sent: Sent<B2BOrganizationsMembersSearchRequest>,
): Answer<B2BOrganizationsMembersSearchResponse> {
  const ids = read.texts(sent.organization_ids ?? [])
  if (ids.length === 0) throw new ApiError('member_search_organization_ids_empty')
  const organizations = [...new Set(ids.map((id) => requireOrganization(project, id)))]
  const withDeleted = filterNames(sent).includes('statuses')
  const all = organizations
    .flatMap((organization) => allMembersOf(project, organization))
    .map(({ member }) => member)
    .filter(({ status }) => withDeleted || status !== 'deleted')
    .reverse()
  const { found, results_metadata } = searchPage('member', all, filters, sent)
  return {
    members: found,
    organizations: Object.fromEntries(
      organizations.map((organization) => [organization.organization_id, organization]),
    ),
    results_metadata,
  }
}
