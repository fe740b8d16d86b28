import { createHash } from 'node:crypto'
import { ApiError } from '../errors.ts'

/** Refuses a verifier that does not match. Call it before the token is marked as used. */
export function checkPkce(challenge: string | undefined, verifier: unknown): void {
  if (challenge === undefined) {
    if (verifier) throw new ApiError('pkce_did_not_expect_code_verifier')
    return
  }
  if (typeof verifier !== 'string' || verifier === '') {
    throw new ApiError('pkce_expected_code_verifier')
  }
  const hash = createHash('sha256').update(verifier).digest('base64url')
  if (hash !== challenge) throw new ApiError('pkce_mismatch')
}
