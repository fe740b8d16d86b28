import type { Organization } from 'stytch'
import { timestamp } from '../ids.ts'
import type { MemberRecord } from './store.ts'

/** An organization with the default settings of Stytch. */
export function emptyOrganization(input: {
  organizationId: string
  name: string
  slug: string
  now: number
}): Organization {
  const at = timestamp(input.now)
  return {
    organization_id: input.organizationId,
    organization_name: input.name,
    organization_logo_url: '',
    organization_slug: input.slug,
    sso_jit_provisioning: 'ALL_ALLOWED',
    sso_jit_provisioning_allowed_connections: [],
    sso_active_connections: [],
    email_allowed_domains: [],
    email_jit_provisioning: 'NOT_ALLOWED',
    email_invites: 'ALL_ALLOWED',
    auth_methods: 'ALL_ALLOWED',
    allowed_auth_methods: [],
    mfa_policy: 'OPTIONAL',
    rbac_email_implicit_role_assignments: [],
    mfa_methods: 'ALL_ALLOWED',
    allowed_mfa_methods: [],
    oauth_tenant_jit_provisioning: 'NOT_ALLOWED',
    claimed_email_domains: [],
    first_party_connected_apps_allowed_type: 'ALL_ALLOWED',
    allowed_first_party_connected_apps: [],
    third_party_connected_apps_allowed_type: 'ALL_ALLOWED',
    allowed_third_party_connected_apps: [],
    custom_roles: [],
    trusted_metadata: {},
    created_at: at,
    updated_at: at,
  }
}

/** An active member with an address that is not verified. */
export function emptyMember(input: {
  memberId: string
  organizationId: string
  email: string
  now: number
}): MemberRecord {
  const at = timestamp(input.now)
  return {
    directRoles: [],
    passwordHash: null,
    failures: 0,
    member: {
      organization_id: input.organizationId,
      member_id: input.memberId,
      email_address: input.email,
      status: 'active',
      name: '',
      sso_registrations: [],
      is_breakglass: false,
      member_password_id: '',
      oauth_registrations: [],
      email_address_verified: false,
      mfa_phone_number_verified: false,
      is_admin: false,
      totp_registration_id: '',
      retired_email_addresses: [],
      is_locked: false,
      mfa_enrolled: false,
      mfa_phone_number: '',
      default_mfa_method: '',
      roles: [],
      trusted_metadata: {},
      untrusted_metadata: {},
      created_at: at,
      updated_at: at,
    },
  }
}
