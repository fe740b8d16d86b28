/**
 * Why a token was refused. The codes are stable: API answers, events and tests contain them.
 * The messages are for the developer of the client that sent the token.
 */
export const refusals = {
  duplicate_cookie:
    'Two cookies have the same name. Delete the cookies of this site and sign in again.',
  token_too_large: 'The token is over 8 KB.',
  token_opaque: 'The token is not a JWT, so it names no issuer. Send a JWT.',
  token_malformed:
    'The token is not a well-formed JWT: three canonical base64url segments of JSON.',
  issuer_missing: 'The token has no issuer (iss), or one that is not a string.',
  issuer_unknown: 'The issuer (iss) of the token is not one of the registered providers.',
  algorithm_not_allowed:
    'The token is not signed with an algorithm (alg) that is allowed for its issuer.',
  key_missing: 'The token names no key (kid).',
  key_unknown: 'The token names a key (kid) that its issuer does not publish.',
  key_too_weak:
    'The issuer signs with an RSA key of fewer than 2048 bits. Only the issuer can replace it.',
  keys_unavailable:
    'The keys of the issuer could not be fetched, so the token could not be verified. Try again.',
  signature_invalid: 'The signature does not match the key of the issuer.',
  type_not_allowed: 'The type (typ) of the token is not that of an access or session token.',
  audience_mismatch: 'The token was issued for another audience (aud).',
  claim_invalid: 'A required claim is missing, or the value of a claim cannot be used.',
  token_expired: 'The token has expired. Refresh it or sign in again.',
  token_not_yet_valid: 'The token is not valid yet. Check the clock of the issuer.',
  machine_token: 'The token belongs to a machine, not to a user.',
  subject_mismatch: 'The token belongs to another user than the session that holds it.',
  user_deleted:
    'The user of the token was deleted or blocked at the login provider. Sign in again.',
  session_unproved:
    'The session began before its email address was proved, and did not prove it. Sign in again.',
  mfa_required: 'The user has a second factor at the previous login. Sign in there.',
  session_ended: 'The session has ended. Sign in again.',
  organization_missing:
    'The token names no organization (org_id). Sign in to an organization and send its token.',
  session_mismatch: 'The session token and the session JWT belong to different sessions.',
} as const

export type Refusal = keyof typeof refusals
