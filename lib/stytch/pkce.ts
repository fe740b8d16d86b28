import 'server-only'
import { createHash, randomBytes } from 'node:crypto'

/** A verifier that the browser keeps, and the challenge that goes to Stytch with the request (RFC 7636 section 4). */
export function createPkce(): { codeVerifier: string; codeChallenge: string } {
  const codeVerifier = randomBytes(32).toString('base64url')
  return {
    codeVerifier,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
  }
}
