import { createServer } from 'node:http'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { listen } from '../../world/listen.ts'
import { expect, test } from '../../world/test.ts'
import { expectRefused, expectStays, legacyShape, shapes } from './attack.ts'

// With zero downtime, a token that slips through would also be carried over.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { forge } = shape
  const embedded: [string, (address: string, publicJwk: object) => Record<string, unknown>][] = [
    ['a key of its own', (_, jwk) => ({ jwk })],
    ['the address of keys of its own', (jku) => ({ jku })],
    ['the address of a certificate of its own', (x5u) => ({ x5u })],
  ]
  for (const [what, header] of embedded) {
    for (const kid of ['genuine', 'own'] as const) {
      test(`refuses a ${shape.name} token that brings ${what}, under the ${kid} kid, and fetches nothing`, async () => {
        const { privateKey, publicKey } = await generateKeyPair('RS256')
        const publicJwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'own' }
        let visits = 0
        const attacker = createServer((_, response) => {
          visits += 1
          response.end(JSON.stringify({ keys: [publicJwk] }))
        })
        const address = `http://localhost:${await listen(attacker)}/jwks.json`
        try {
          const genuine = await forge()
          const token = await new SignJWT(decodeJwt(genuine))
            .setProtectedHeader({
              ...decodeProtectedHeader(genuine),
              alg: 'RS256',
              ...(kid === 'own' ? { kid } : {}),
              ...header(address, publicJwk),
            })
            .sign(privateKey)
          const code = kid === 'own' ? 'key_unknown' : 'signature_invalid'
          await expectRefused({ bearer: token }, code)
          const cookies = await shape.asCookie(token)
          if (shape === legacyShape && kid === 'own') await expectStays(cookies)
          else await expectRefused({ cookies }, code)
          expect(visits).toBe(0)
        } finally {
          attacker.close()
        }
      })
    }
  }
}
