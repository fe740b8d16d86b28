import type { Refusal } from '../token/refusal'
import type { Issuer } from '../token/registry'

/** A live session at the legacy provider, whichever it is. */
export type LegacySession = {
  issuer: Issuer
  subject: string
  /** The provider's id of the session. An access token of Auth0 has one only where the tenant adds it. */
  sid: string | null
  /** As it was at the sign-in. Null for an access token, which has no profile. */
  profile: { email: string; emailVerified: boolean; name: string; isCurrent: boolean } | null
  /** The organization that the user signed in to. It is the name if the token has one, and otherwise the id. */
  organization: string | null
  /** The id of that organization, from the verified token or the seal. */
  organizationId: string | null
  /** Whether the token was issued to the product itself, and not to another company's client of its API. */
  isFirstParty: boolean
  /** When the user signed in, or when the access token was issued, if that was earlier. */
  startedAt: Date
  /**
   * When the user authenticated. Null if the access token does not say it. Then it may come from a refresh token, whose
   * sign-in was long before `startedAt`.
   */
  signedInAt: Date | null
  expiresAt: Date
  /** When the seal of the cookie ends. It can be sooner than the session, see renewal.ts. Null if it needs no renewal. */
  sealedUntil: Date | null
  /** The token that the session came with. The claim of the migration is found by it. */
  accessToken: string
  /** From the sign-in, as the SDK sealed it. Null without one. */
  idToken: string | null
  /**
   * An `expired` token can be refreshed. Only the legacy provider can read an `opaque` one, so its userinfo endpoint
   * must confirm the subject. An `unusable` JWT cannot be verified, so it must not be sent to Stytch.
   */
  tokenState: 'live' | 'expired' | 'opaque' | 'unusable'
}

export type LegacyReading =
  | { state: 'valid'; session: LegacySession }
  | { state: 'none'; refusal: Refusal | null }
