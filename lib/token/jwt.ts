import type { Refusal } from './refusal'

/** Larger tokens are refused before any crypto. The tokens of both providers are much smaller. In bytes. */
export const maximumTokenBytes = 8192

export type UnverifiedJwt = {
  header: Record<string, unknown>
  payload: Record<string, unknown>
}

/**
 * Decodes a JWT without verifying it.
 *
 * It is stricter than a JWT library. Each segment must be canonical base64url, without padding, white space or stray
 * bits in the last character (RFC 7515 section 2). Otherwise one token has many spellings, and an attacker can evade
 * code that counts or revokes tokens by their text.
 */
export function decodeUnverified(token: string): UnverifiedJwt | Refusal {
  // Counts UTF-16 units. The tokens that pass the checks below are ASCII, where a unit is a byte.
  if (token.length > maximumTokenBytes) return 'token_too_large'
  const segments = token.split('.')
  if (segments.length === 1) return 'token_opaque'
  if (segments.length !== 3) return 'token_malformed'
  const [header, payload, signature] = segments.map(decodeSegment)
  if (!header || !payload || !signature) return 'token_malformed'
  const parsedHeader = parseObject(header)
  const parsedPayload = parseObject(payload)
  if (!parsedHeader || !parsedPayload) return 'token_malformed'
  return { header: parsedHeader, payload: parsedPayload }
}

const encode = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function decodeSegment(segment: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(segment) || segment.length % 4 === 1) return null
  const binary = atob(segment.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return encode(bytes) === segment ? bytes : null
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
