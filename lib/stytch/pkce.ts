import 'server-only'
import { createHash, randomBytes } from 'node:crypto'

/** A verifier that stays with the browser and a challenge that goes with the mail (RFC 7636 section 4). */
export function createPkce(): { codeVerifier: string; codeChallenge: string } {
  const codeVerifier = randomBytes(32).toString('base64url')
  return {
    codeVerifier,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
  }
}
