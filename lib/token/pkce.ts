import { createHash, randomBytes } from 'node:crypto'

/** A verifier to keep, and the challenge that goes to the provider with the request (RFC 7636 section 4). */
export function createPkce(): { codeVerifier: string; codeChallenge: string } {
  const codeVerifier = randomBytes(32).toString('base64url')
  return {
    codeVerifier,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
  }
}
