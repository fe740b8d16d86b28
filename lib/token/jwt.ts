import type { Refusal } from './refusal'

/** Refused before any crypto: both providers' tokens are well under this. In bytes. */
export const maximumTokenBytes = 8192

export type UnverifiedJwt = {
  header: Record<string, unknown>
  payload: Record<string, unknown>
}

/**
 * Takes a JWT apart without believing it.
 *
 * Stricter than a JWT library needs to be: each segment must be exactly what an encoder would
 * write (RFC 7515 section 2: base64url without padding, white space or other characters; and no
 * stray bits in the last character). Otherwise one token has many spellings, and whatever counts
 * or revokes tokens by their text counts wrong.
 */
export function decodeUnverified(token: string): UnverifiedJwt | Refusal {
  // One UTF-16 unit is at least one byte, so this can only refuse too little, and the
  // character check below leaves ASCII only.
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
