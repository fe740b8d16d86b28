import type { StytchErrorJSON } from 'stytch'
import { newId } from './ids.ts'

/**
 * The status and the text of every error of the stand-in, by `error_type`. README.md lists the statuses
 * that are guesses.
 */
const catalog = {
  action_available_only_once_primary_authentication_is_met: [
    400,
    'The primary authentication of the organization must be complete first.',
  ],
  allowed_mfa_methods_required_for_restricted: [
    400,
    'A restriction of the MFA methods needs allowed_mfa_methods.',
  ],
  bad_domain_for_stytch_sdk: [
    400,
    'This origin is not an authorized domain of the project. The stand-in authorizes only localhost.',
  ],
  bad_request: [400, 'The request is not valid.'],
  biometric_registration_not_found: [404, 'Biometric registration could not be found.'],
  breached_password: [400, 'password appears in a list of breached passwords.'],
  cannot_assign_default_rbac_role_id: [
    400,
    'Every member has the role stytch_member. It cannot be assigned.',
  ],
  crypto_wallet_not_found: [404, 'Crypto wallet could not be found.'],
  custom_claims_too_large: [400, 'Custom claims may not be larger than four kilobytes.'],
  duplicate_email: [400, 'A user with the specified email already exists for this project.'],
  duplicate_member_email: [
    400,
    'A member with the specified email already exists for this organization.',
  ],
  duplicate_member_external_id: [
    400,
    'A member with the specified external_id already exists for this organization.',
  ],
  duplicate_member_phone_number_for_member: [
    400,
    'The member already has a phone number. Delete it first.',
  ],
  duplicate_phone_number: [
    400,
    'A user with the specified phone number already exists for this project.',
  ],
  duplicate_phone_number_for_user: [400, 'The user already has another phone number.'],
  duplicate_user_external_id: [
    400,
    'A user with the specified external_id already exists for this project.',
  ],
  email_jit_provisioning_not_allowed: [
    400,
    'The organization does not let new members join by email domain.',
  ],
  email_not_found: [404, 'Email could not be found.'],
  intermediate_session_not_found: [404, 'Intermediate session could not be found.'],
  internal_server_error: [
    500,
    'Oops, something seems to have gone wrong, please reach out to support@stytch.com to let us know what went wrong.',
  ],
  invalid_append_salt: [400, 'append_salt must be a string.'],
  invalid_argon_2_iteration_amount: [400, 'iteration_amount must be from 1 to 1000.'],
  invalid_argon_2_key_length: [400, 'key_length must be the length of the hash in bytes.'],
  invalid_argon_2_memory: [400, 'memory must be from 8 for each thread to 1048576 kibibytes.'],
  invalid_argon_2_salt: [400, 'The salt must have eight bytes or more.'],
  invalid_argon_2_threads: [400, 'threads must be from 1 to 64.'],
  invalid_base64_scrypt_hash: [400, 'The hash is not valid base64.'],
  invalid_base64_scrypt_salt: [400, 'The salt is not valid base64.'],
  invalid_bcrypt_cost: [400, 'The bcrypt cost must be from 4 to 31.'],
  invalid_bcrypt_hash: [400, 'The hash is not a bcrypt hash.'],
  invalid_code: [400, 'Code format is invalid.'],
  invalid_email: [400, 'Email format is invalid.'],
  invalid_email_for_invites: [400, 'The organization does not invite this email domain.'],
  invalid_email_for_jit_provisioning: [
    400,
    'The organization does not let new members with this email domain join.',
  ],
  invalid_exchange_primary_factor_fields: [
    400,
    'Exactly one of email_address or phone_number must be given.',
  ],
  invalid_exchange_primary_factor_user: [400, 'The user must have exactly one factor.'],
  invalid_expiration: [400, 'The expiration must be from 5 to 10080 minutes.'],
  invalid_expiration_otp: [400, 'The expiration of the code is out of range.'],
  invalid_hash: [400, 'The hash is not a hash of this hash_type.'],
  invalid_hash_type: [400, 'hash_type is not one that Stytch can migrate.'],
  invalid_intermediate_session_token_for_organization: [
    400,
    'The intermediate session belongs to another email address.',
  ],
  invalid_md_5_hash: [400, 'The hash is not an MD5 hash in hexadecimal.'],
  invalid_member_get_fields: [400, 'One of member_id or email_address is required.'],
  invalid_mfa_default_method: [400, 'default_mfa_method must be sms_otp or totp.'],
  invalid_organization_allowed_auth_methods: [400, 'allowed_auth_methods has an unknown method.'],
  invalid_organization_allowed_mfa_methods: [400, 'allowed_mfa_methods has an unknown method.'],
  invalid_organization_auth_factor_setting: [400, 'The setting has an unknown value.'],
  invalid_organization_auth_factor_setting_for_email_jit_provisioning: [
    400,
    'RESTRICTED needs email_allowed_domains.',
  ],
  invalid_organization_auth_method_settings: [
    400,
    'auth_methods must be ALL_ALLOWED, or RESTRICTED with allowed_auth_methods.',
  ],
  invalid_organization_external_id: [
    400,
    'The external id may hold letters, digits and . _ - |, and at most 128 of them.',
  ],
  invalid_organization_mfa_factor_setting: [400, 'mfa_methods must be ALL_ALLOWED or RESTRICTED.'],
  invalid_organization_mfa_policy: [400, 'mfa_policy must be OPTIONAL or REQUIRED_FOR_ALL.'],
  invalid_organization_slug: [400, 'The slug must have 2 to 128 letters, digits or - . _ ~.'],
  invalid_pbkdf_2_algorithm: [400, 'algorithm must be sha256 or sha512.'],
  invalid_pbkdf_2_hash: [400, 'The hash must be base64 with key_length bytes.'],
  invalid_pbkdf_2_iteration_amount: [400, 'iteration_amount must be from 1 to 10000000.'],
  invalid_pbkdf_2_salt: [400, 'The salt is not valid base64.'],
  invalid_phone_number: [400, 'The phone number must be in E.164 format.'],
  invalid_phpass_hash_format: [400, 'The hash is not a portable phpass hash.'],
  invalid_phpass_hash_prefix: [400, 'A phpass hash starts with $P$ or $H$.'],
  invalid_prepend_salt: [400, 'prepend_salt must be a string.'],
  invalid_rbac_role_assignment: [
    400,
    'The role assignments must be a list of domains and role ids.',
  ],
  invalid_rbac_role_id: [400, 'The role_id is not a role of the RBAC policy.'],
  invalid_scrypt_n_parameter: [
    400,
    'n_parameter must be a power of two, greater than 1 and less than 262145.',
  ],
  invalid_scrypt_parameters: [
    400,
    'r_parameter and p_parameter must be from 1 to 255, and key_length the length of the hash in bytes.',
  ],
  invalid_session_duration_minutes: [
    400,
    'session_duration_minutes must be a whole number from 5 to 527040.',
  ],
  invalid_sha_1_hash: [400, 'The hash is not a SHA-1 hash in hexadecimal.'],
  invalid_sha_512_hash: [400, 'The hash is not a SHA-512 hash in hexadecimal.'],
  magic_link_not_found: [
    404,
    'The magic link could not be authenticated, try sending another magic link to the user.',
  ],
  member_has_no_active_verified_email: [400, 'The member has no verified email address.'],
  member_not_found: [404, 'Member could not be found.'],
  member_password_not_found: [404, 'Member password could not be found.'],
  member_phone_number_not_found: [404, 'Member phone number could not be found.'],
  member_reset_password: [400, 'The member must reset the password.'],
  member_search_cannot_mix_internal_and_external_member_ids: [
    400,
    'A search by member_ids may hold Stytch ids or external ids, not both.',
  ],
  member_search_expected_array_of_strings: [400, 'The filter_value must be a list of strings.'],
  member_search_expected_boolean: [400, 'The filter_value must be a boolean.'],
  member_search_expected_string: [400, 'The filter_value must be a string.'],
  member_search_filter_name_not_recognized: [400, 'The filter_name is not recognized.'],
  member_search_missing_filter_name: [400, 'An operand must have a filter_name.'],
  member_search_missing_filter_value: [400, 'An operand must have a filter_value.'],
  member_search_organization_ids_empty: [400, 'organization_ids must have at least one id.'],
  member_session_member_id_mismatch: [400, 'The session belongs to another member.'],
  migrate_from_external_email_does_not_exist: [
    404,
    'No user has the email address that the userinfo endpoint answered.',
  ],
  migrate_from_external_missing_userinfo: [
    400,
    'The project has no userinfo endpoint to migrate sessions from.',
  ],
  migrate_from_external_unexpected_response: [
    400,
    'The userinfo endpoint did not answer with an email address.',
  ],
  no_deleted_member_found_for_reactivation: [404, 'No deleted member could be found.'],
  no_session_arguments: [400, 'One of session_token or session_jwt is required.'],
  no_session_revoke_arguments: [
    400,
    'One of session_id, session_token or session_jwt is required.',
  ],
  no_user_password: [400, "user doesn't have an associated password."],
  oauth_token_not_found: [400, 'OAuth token could not be found.'],
  oauth_user_registration_not_found: [404, 'OAuth user registration could not be found.'],
  operation_restricted_by_organization_auth_methods: [
    403,
    'The organization does not allow this authentication method.',
  ],
  operation_restricted_by_organization_mfa_methods: [
    403,
    'The organization does not allow this second factor.',
  ],
  organization_external_id_already_used: [
    400,
    'An organization with the specified organization_external_id already exists.',
  ],
  organization_not_found: [404, 'Organization could not be found.'],
  organization_search_expected_array_of_strings: [
    400,
    'The filter_value must be a list of strings.',
  ],
  organization_search_expected_boolean: [400, 'The filter_value must be a boolean.'],
  organization_search_expected_string: [400, 'The filter_value must be a string.'],
  organization_search_filter_name_not_recognized: [400, 'The filter_name is not recognized.'],
  organization_search_missing_filter_name: [400, 'An operand must have a filter_name.'],
  organization_search_missing_filter_value: [400, 'An operand must have a filter_value.'],
  organization_settings_invalid_domain: [400, 'email_allowed_domains must be a list of domains.'],
  organization_slug_already_used: [400, 'An organization with the specified slug already exists.'],
  otp_code_not_found: [
    404,
    'The passcode was incorrect and could not be authenticated, encourage the user to try inputting the passcode again or send another passcode.',
  ],
  password_already_exists: [400, 'The user already has a password.'],
  password_not_found: [404, 'Password could not be found.'],
  phone_number_not_found: [404, 'Phone number could not be found.'],
  pkce_did_not_expect_code_verifier: [
    400,
    'The submitted code_verifier belongs to no code_challenge sent at the start of the flow.',
  ],
  pkce_expected_code_verifier: [
    400,
    'This flow was started using a code_challenge but the authentication call is missing the corresponding code_verifier.',
  ],
  pkce_mismatch: [
    400,
    'The submitted code_verifier does not match the code_challenge sent at the start of the flow.',
  ],
  rbac_org_custom_roles_only: [
    400,
    'The roles of an organization may not replace roles of the project.',
  ],
  reactivation_email_belongs_to_another_member: [
    400,
    'Another member of the organization has the email address.',
  ],
  reserved_claims_in_custom_claims: [400, 'Custom claims may not set a registered JWT claim.'],
  reset_password: [400, 'user must reset their password'],
  route_not_found: [404, 'The requested route was not found.'],
  session_authorization_error: [
    403,
    'The member session is not authorized to perform the action on the resource.',
  ],
  session_authorization_tenancy_error: [403, 'The member session belongs to another organization.'],
  session_not_found: [404, 'Session could not be found.'],
  session_too_old_to_reset_password: [
    400,
    'The provided session cannot be used to reset a password. It does not have an authentication_factor that was authenticated within the last 5 minutes. Please prompt the user to authenticate again before retrying the endpoint.',
  ],
  stand_in_not_implemented: [501, 'The stand-in does not implement this.'],
  stytch_claims_in_custom_claims: [400, "Custom claims may not set one of Stytch's own claims."],
  too_many_requests: [429, 'Too many requests have been made.'],
  too_many_session_arguments: [400, 'Only one of session_token or session_jwt may be given.'],
  too_many_session_revoke_arguments: [
    400,
    'Only one of session_id, session_token or session_jwt may be given.',
  ],
  totp_not_found: [404, 'TOTP could not be found.'],
  unable_to_auth_magic_link: [
    401,
    'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.',
  ],
  unable_to_auth_otp_code: [
    401,
    'The passcode could not be authenticated because it was either already used or expired. Send another passcode to this user.',
  ],
  unable_to_auth_password_reset_token: [
    401,
    'The password reset token could not be authenticated because it was either already used or expired.',
  ],
  unable_to_parse_session_jwt: [400, 'session_jwt is not a session JWT of this project.'],
  unauthorized_credentials: [401, 'Unauthorized credentials.'],
  user_id_mismatch: [400, 'The session belongs to another user.'],
  user_lock_limit_reached: [
    429,
    'The user has been locked out due to too many failed authentication attempts. Please try again later.',
  ],
  user_not_found: [404, 'User could not be found.'],
  user_search_cannot_mix_internal_and_external_user_ids: [
    400,
    'A search by user_id may hold Stytch ids or external ids, not both.',
  ],
  user_search_expected_array_of_string: [400, 'The filter_value must be a list of strings.'],
  user_search_expected_bool: [400, 'The filter_value must be a boolean.'],
  user_search_expected_object: [400, 'The filter_value must be an object.'],
  user_search_expected_string: [400, 'The filter_value must be a string.'],
  user_search_filter_name_not_recognized: [400, 'The filter_name is not recognized.'],
  user_search_invalid_cursor: [400, 'The cursor is not valid.'],
  user_search_invalid_limit: [400, 'The limit must be from 1 to 1000.'],
  user_search_invalid_operator: [400, 'The operator must be AND or OR.'],
  user_search_missing_filter_name: [400, 'An operand must have a filter_name.'],
  user_unauthenticated: [
    401,
    'User must have an active Stytch session to call this method. Have you logged in yet?',
  ],
  weak_password: [400, "password doesn't meet our strength requirements."],
  webauthn_registration_not_found: [404, 'WebAuthn registration could not be found.'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type ErrorType = keyof typeof catalog

export const errorTypes = Object.keys(catalog) as ErrorType[]

/** An error for the client. */
export class ApiError extends Error {
  readonly type: ErrorType
  readonly status: number

  constructor(type: ErrorType, message: string = catalog[type][1]) {
    super(message)
    this.type = type
    this.status = catalog[type][0]
  }
}

/** The response body of the error. */
export function errorBody(error: ApiError) {
  return {
    status_code: error.status,
    request_id: newId('request-id'),
    error_type: error.type,
    error_message: error.message,
    error_url: `https://stytch.com/docs/api/errors/${error.status}#${error.type}`,
  } satisfies Omit<StytchErrorJSON, 'error_details'>
}

/** Anything else that was thrown is a bug of the stand-in, and gets status 500. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  console.error('[stytch stand-in]', thrown)
  return new ApiError('internal_server_error')
}
