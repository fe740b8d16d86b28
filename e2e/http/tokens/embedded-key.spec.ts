import { createServer } from 'node:http'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { listen } from '../../world/listen.ts'
import { expect, test } from '../../world/test.ts'
import { expectRefused, expectStays, legacyShape, shapes } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  const { forge } = shape
  const embedded: [string, (address: string, publicJwk: object) => Record<string, unknown>][] = [
    ['its own key', (_, jwk) => ({ jwk })],
    ['the address of its own key set', (jku) => ({ jku })],
    ['the address of its own certificate', (x5u) => ({ x5u })],
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
