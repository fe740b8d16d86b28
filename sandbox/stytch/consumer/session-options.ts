import type { Attributes } from 'stytch'
import { ApiError } from '../errors.ts'
import { minutes, optionalObject, optionalText, type Sent } from '../request-fields.ts'
import type { SessionRecord } from './store.ts'

/** The fields of every call that authenticates a user. */
export type SessionRequest = {
  session_duration_minutes?: number
  session_custom_claims?: Record<string, unknown>
  session_token?: string
  session_jwt?: string
  attributes?: Attributes
}

export type SessionOptions = {
  minutes: number | undefined
  claims: Record<string, unknown>
  attributes: Required<Attributes>
  /** The session that the new factor is added to. */
  existing?: SessionRecord
}

export function readSessionOptions(sent: Sent<SessionRequest>): SessionOptions {
  const attributes = optionalObject(sent.attributes, 'attributes') ?? {}
  return {
    minutes: minutes(sent.session_duration_minutes, {
      min: 5,
      max: 527_040,
      fallback: undefined,
      error: 'invalid_session_duration_minutes',
    }),
    claims: customClaims(sent.session_custom_claims),
    attributes: {
      ip_address: optionalText(attributes.ip_address, 'attributes.ip_address') ?? '',
      user_agent: optionalText(attributes.user_agent, 'attributes.user_agent') ?? '',
    },
  }
}

function customClaims(sent: unknown): Record<string, unknown> {
  const claims = optionalObject(sent, 'session_custom_claims') ?? {}
  const reserved = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']
  for (const name of Object.keys(claims)) {
    if (reserved.includes(name)) throw new ApiError('reserved_claims_in_custom_claims')
    if (name.startsWith('https://stytch.com/')) {
      throw new ApiError('stytch_claims_in_custom_claims')
    }
  }
  if (JSON.stringify(claims).length > 4096) throw new ApiError('custom_claims_too_large')
  return claims
}
