import { hkdfSync } from 'node:crypto'
import { EncryptJWT } from 'jose'

/**
 * Seals a session as Auth0's SDK does. `generateSessionCookie` of the SDK always seals for one hour.
 * @param until when the seal ends. In seconds since 1970.
 */
export function sealLegacySession(session: object, secret: string, until: number): Promise<string> {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'JWE CEK', 32))
  return new EncryptJWT({ ...session })
    .setProtectedHeader({ enc: 'A256GCM', alg: 'dir' })
    .setExpirationTime(until)
    .encrypt(key)
}
