import { createHash } from 'node:crypto'

/** A hash of the id of a Stytch session. The database identifies the session by it, and it opens nothing. */
export const stytchSessionKey = (sessionId: string): string =>
  createHash('sha256').update(`stytch\n${sessionId}`).digest('base64url')
