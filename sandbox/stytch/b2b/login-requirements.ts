import type {
  AuthenticationFactor,
  Member,
  MfaRequired,
  Organization,
  PrimaryRequired,
} from 'stytch'

/** The name in `allowed_auth_methods` of a primary factor, or null for any other factor. */
export function authMethodOf({ type, delivery_method }: AuthenticationFactor): string | null {
  if (type === 'magic_link') return 'magic_link'
  if (type === 'email_otp') return 'email_otp'
  if (type === 'password') return 'password'
  if (type === 'imported') return 'imported'
  if (type === 'sso') return 'sso'
  if (type === 'oauth') return delivery_method.replace(/^oauth_(.+)$/, '$1_oauth')
  return null
}

const allAuthMethods = [
  'sso',
  'magic_link',
  'email_otp',
  'password',
  'google_oauth',
  'microsoft_oauth',
  'slack_oauth',
  'github_oauth',
  'hubspot_oauth',
]

/** The primary factors that a login lacks. Null when it lacks none. */
export function primaryRequired(
  organization: Organization,
  member: Member | null,
  factors: AuthenticationFactor[],
): PrimaryRequired | null {
  const restricted = organization.auth_methods === 'RESTRICTED' && !member?.is_breakglass
  const allowed = restricted ? organization.allowed_auth_methods : allAuthMethods
  const isEnough = (method: string | null) =>
    method !== null && (!restricted || allowed.includes(method))
  return factors.map(authMethodOf).some(isEnough) ? null : { allowed_auth_methods: allowed }
}

export const isMethodAllowed = (organization: Organization, method: string): boolean =>
  organization.auth_methods !== 'RESTRICTED' || organization.allowed_auth_methods.includes(method)

const verifyingMethods = ['magic_link', 'email_otp', 'google_oauth', 'microsoft_oauth']

/** True when a factor proves that the person reads the mails to the address. */
export const provesEmail = (factors: AuthenticationFactor[]): boolean =>
  factors.some((factor) => verifyingMethods.includes(authMethodOf(factor) ?? ''))

/** The factors that prove the address. Null when the address is proved. A new member needs one. */
export function emailProofRequired(
  organization: Organization,
  member: Member | null,
  factors: AuthenticationFactor[],
): PrimaryRequired | null {
  if (member?.email_address_verified || provesEmail(factors)) return null
  const allowed = verifyingMethods.filter((method) => isMethodAllowed(organization, method))
  return { allowed_auth_methods: allowed }
}

export const isMfaMethodAllowed = (organization: Organization, method: string): boolean =>
  organization.mfa_methods !== 'RESTRICTED' || organization.allowed_mfa_methods.includes(method)

/** The second factor that a login lacks. Null when it lacks none. */
export function mfaRequired(
  organization: Organization,
  member: Member | null,
  factors: AuthenticationFactor[],
): MfaRequired | null {
  const isRequired = organization.mfa_policy === 'REQUIRED_FOR_ALL' || member?.mfa_enrolled === true
  const restricted = organization.mfa_methods === 'RESTRICTED' && !member?.is_breakglass
  const isEnough = (method: string | null) =>
    method !== null && (!restricted || organization.allowed_mfa_methods.includes(method))
  if (!isRequired || factors.map(mfaMethodOf).some(isEnough)) return null
  const { mfa_phone_number = '', totp_registration_id = '' } = member ?? {}
  const hasOptions = mfa_phone_number !== '' || totp_registration_id !== ''
  return hasOptions ? { member_options: { mfa_phone_number, totp_registration_id } } : {}
}

/** The name in `allowed_mfa_methods` of a second factor, or null for any other factor. */
function mfaMethodOf({ type, delivery_method }: AuthenticationFactor): string | null {
  if (type === 'otp' && delivery_method === 'sms') return 'sms_otp'
  // A recovery code stands in for the authenticator app.
  return type === 'totp' || type === 'recovery_codes' ? 'totp' : null
}
