import type { B2BClient } from 'stytch'
import { publishedKeys } from '../published-keys.ts'
import { type BackendRoute, routesOf } from '../sdk-route.ts'
import {
  deleteMemberPassword,
  deleteMemberTotp,
  deleteMfaPhoneNumber,
} from './member-credentials.ts'
import {
  createMember,
  deleteMember,
  deleteMemberExternalId,
  getMember,
  getMemberOfAnyOrganization,
  reactivateMember,
  updateMember,
} from './member-endpoints.ts'
import { searchMembers } from './member-search.ts'
import {
  authenticateMemberSession,
  listMemberSessions,
  refuseAttestation,
  revokeMemberSession,
} from './member-session-endpoints.ts'
import { exchangeMemberSession } from './member-session-exchange.ts'
import { migrateMemberSession } from './member-session-migration.ts'
import {
  countMembers,
  createOrganization,
  deleteOrganization,
  deleteOrganizationExternalId,
  getOrganization,
  updateOrganization,
} from './organization-endpoints.ts'
import { searchOrganizations } from './organization-search.ts'
import { getOrganizationPolicy, getPolicy, setOrganizationPolicy } from './rbac-endpoints.ts'

const route = routesOf<B2BClient>()

/** The only B2B route that needs no credentials. */
export const b2bJwksRoute = route(
  'GET /v1/b2b/sessions/jwks/:project_id',
  'sessions.getJWKS',
  (project, sent) => publishedKeys(project.b2b, project.delays, sent.project_id),
)

const organization = '/v1/b2b/organizations/:organization_id' as const
const member = `${organization}/members/:member_id` as const

export const b2bBackendRoutes: BackendRoute[] = [
  route('POST /v1/b2b/organizations', 'organizations.create', createOrganization),
  route('POST /v1/b2b/organizations/search', 'organizations.search', searchOrganizations),
  route(`GET ${organization}`, 'organizations.get', getOrganization),
  route(`PUT ${organization}`, 'organizations.update', updateOrganization),
  route(`DELETE ${organization}`, 'organizations.delete', deleteOrganization),
  route(`GET ${organization}/metrics`, 'organizations.metrics', countMembers),
  route(
    `DELETE ${organization}/external_id`,
    'organizations.deleteExternalId',
    deleteOrganizationExternalId,
  ),

  route('POST /v1/b2b/organizations/members/search', 'organizations.members.search', searchMembers),
  route(
    'GET /v1/b2b/organizations/members/dangerously_get/:member_id',
    'organizations.members.dangerouslyGet',
    getMemberOfAnyOrganization,
  ),
  route(`POST ${organization}/members`, 'organizations.members.create', createMember),
  route(`GET ${organization}/member`, 'organizations.members.get', getMember),
  route(`PUT ${member}`, 'organizations.members.update', updateMember),
  route(`DELETE ${member}`, 'organizations.members.delete', deleteMember),
  route(`PUT ${member}/reactivate`, 'organizations.members.reactivate', reactivateMember),
  route(
    `DELETE ${member}/external_id`,
    'organizations.members.deleteExternalId',
    deleteMemberExternalId,
  ),
  route(`DELETE ${member}/totp`, 'organizations.members.deleteTOTP', deleteMemberTotp),
  route(
    `DELETE ${organization}/members/mfa_phone_numbers/:member_id`,
    'organizations.members.deleteMFAPhoneNumber',
    deleteMfaPhoneNumber,
  ),
  route(
    `DELETE ${organization}/members/passwords/:member_password_id`,
    'organizations.members.deletePassword',
    deleteMemberPassword,
  ),

  route('GET /v1/b2b/sessions', 'sessions.get', listMemberSessions),
  route('POST /v1/b2b/sessions/authenticate', 'sessions.authenticate', authenticateMemberSession),
  route('POST /v1/b2b/sessions/revoke', 'sessions.revoke', revokeMemberSession),
  route('POST /v1/b2b/sessions/exchange', 'sessions.exchange', exchangeMemberSession),
  route('POST /v1/b2b/sessions/migrate', 'sessions.migrate', migrateMemberSession),
  route('POST /v1/b2b/sessions/attest', 'sessions.attest', refuseAttestation),

  route('GET /v1/b2b/rbac/policy', 'rbac.policy', getPolicy),
  route(
    'GET /v1/b2b/rbac/organizations/:organization_id',
    'rbac.organizations.getOrgPolicy',
    getOrganizationPolicy,
  ),
  route(
    'PUT /v1/b2b/rbac/organizations/:organization_id',
    'rbac.organizations.setOrgPolicy',
    setOrganizationPolicy,
  ),
]
