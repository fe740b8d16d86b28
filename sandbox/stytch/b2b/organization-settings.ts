import type {
  B2BOrganizationsCreateRequest,
  B2BOrganizationsUpdateRequest,
  Organization,
} from 'stytch'
import { z } from 'zod'
import { ApiError, type ErrorType } from '../errors.ts'
import type { Project } from '../project.ts'
import { mergeDeleting, optionalText, type Sent } from '../request-fields.ts'
import { freeSlug } from './organizations.ts'
import { rolesOf } from './rbac-policy.ts'

const domains = z.array(
  z
    .string()
    .regex(/^[^\s@]+\.[^\s@]+$/)
    .toLowerCase(),
)
const metadata = z.record(z.string(), z.unknown())
const restricted = z.enum(['ALL_ALLOWED', 'RESTRICTED'])
const jitProvisioning = z.enum(['RESTRICTED', 'NOT_ALLOWED'])
const authMethod = z.enum([
  'sso',
  'magic_link',
  'email_otp',
  'password',
  'google_oauth',
  'microsoft_oauth',
  'slack_oauth',
  'github_oauth',
  'hubspot_oauth',
])

/** The settings of an organization that the stand-in plays, each with the error of a wrong value. */
const settings = {
  email_allowed_domains: [domains, 'organization_settings_invalid_domain'],
  email_jit_provisioning: [jitProvisioning, 'invalid_organization_auth_factor_setting'],
  email_invites: [
    z.enum(['ALL_ALLOWED', 'RESTRICTED', 'NOT_ALLOWED']),
    'invalid_organization_auth_factor_setting',
  ],
  // Stored only, as the stand-in has no connections. `RESTRICTED` would need a list of them.
  sso_jit_provisioning: [
    z.enum(['ALL_ALLOWED', 'NOT_ALLOWED']),
    'invalid_organization_auth_factor_setting',
  ],
  auth_methods: [restricted, 'invalid_organization_auth_method_settings'],
  allowed_auth_methods: [z.array(authMethod), 'invalid_organization_allowed_auth_methods'],
  mfa_policy: [z.enum(['REQUIRED_FOR_ALL', 'OPTIONAL']), 'invalid_organization_mfa_policy'],
  mfa_methods: [restricted, 'invalid_organization_mfa_factor_setting'],
  allowed_mfa_methods: [
    z.array(z.enum(['sms_otp', 'totp'])),
    'invalid_organization_allowed_mfa_methods',
  ],
  rbac_email_implicit_role_assignments: [
    z.array(z.object({ domain: z.string().toLowerCase(), role_id: z.string() })),
    'invalid_rbac_role_assignment',
  ],
  organization_logo_url: [z.string(), 'bad_request'],
  trusted_metadata: [metadata, 'bad_request'],
} as const satisfies Record<string, readonly [z.ZodType, ErrorType]>

/** Fields of connections and Connected Apps. */
const notPlayed = [
  'sso_default_connection_id',
  'sso_jit_provisioning_allowed_connections',
  'oauth_tenant_jit_provisioning',
  'allowed_oauth_tenants',
  'claimed_email_domains',
  'first_party_connected_apps_allowed_type',
  'allowed_first_party_connected_apps',
  'third_party_connected_apps_allowed_type',
  'allowed_third_party_connected_apps',
]

type Settings = Sent<B2BOrganizationsCreateRequest & B2BOrganizationsUpdateRequest>

/** Validates every field before it changes the first. */
export function applySettings(project: Project, organization: Organization, sent: Settings): void {
  const values: Record<string, unknown> = { ...sent }
  const unknown = notPlayed.find((field) => values[field] !== undefined && values[field] !== null)
  if (unknown) throw new ApiError('stand_in_not_implemented', `The stand-in has no ${unknown}.`)
  const changes: Record<string, unknown> = {}
  for (const [field, [schema, error]] of Object.entries(settings)) {
    if (values[field] === undefined || values[field] === null) continue
    const parsed = schema.safeParse(values[field])
    if (!parsed.success) throw new ApiError(error)
    changes[field] = parsed.data
  }
  const after = { ...organization, ...changes } as Organization
  refuseContradictions(after)
  const knownRoles = rolesOf(project, organization).map(({ role_id }) => role_id)
  if (
    after.rbac_email_implicit_role_assignments.some(({ role_id }) => !knownRoles.includes(role_id))
  ) {
    throw new ApiError('invalid_rbac_role_id')
  }
  const name = optionalText(sent.organization_name, 'organization_name')
  const slug = optionalText(sent.organization_slug, 'organization_slug')
  const externalId = freeExternalId(project, organization, sent.organization_external_id)
  if (slug) organization.organization_slug = freeSlug(project, slug, organization)
  if (name) organization.organization_name = name
  if (externalId) organization.organization_external_id = externalId
  const trusted_metadata = mergeDeleting(
    organization.trusted_metadata ?? {},
    (changes.trusted_metadata ?? {}) as Record<string, unknown>,
  )
  Object.assign(organization, changes, { trusted_metadata })
}

/** A restriction needs its list. Otherwise nobody could log in or join, which no setting says. */
function refuseContradictions(after: Organization): void {
  const isRestricted = (value: string) => value === 'RESTRICTED'
  if (isRestricted(after.email_jit_provisioning) && after.email_allowed_domains.length === 0) {
    throw new ApiError('invalid_organization_auth_factor_setting_for_email_jit_provisioning')
  }
  if (isRestricted(after.auth_methods) && after.allowed_auth_methods.length === 0) {
    throw new ApiError('invalid_organization_auth_method_settings')
  }
  if (isRestricted(after.mfa_methods) && after.allowed_mfa_methods.length === 0) {
    throw new ApiError('allowed_mfa_methods_required_for_restricted')
  }
}

function freeExternalId(project: Project, owner: Organization, sent: unknown): string | undefined {
  const externalId = optionalText(sent, 'organization_external_id')
  if (externalId === undefined) return undefined
  if (!/^[A-Za-z0-9._|-]{1,128}$/.test(externalId)) {
    throw new ApiError('invalid_organization_external_id')
  }
  for (const organization of project.b2b.store.organizations.values()) {
    if (organization !== owner && organization.organization_external_id === externalId) {
      throw new ApiError('organization_external_id_already_used')
    }
  }
  return externalId
}
