import { z } from 'zod'
import { minimumRsaBits } from '../../token/key-strength'
import { type Outcome, ok, problem } from './finding'
import type { Services } from './service'

const keySetSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      kid: z.string().optional(),
      use: z.string().optional(),
      n: z.string().default(''),
    }),
  ),
})

/** Checks the keys that an issuer publishes, with which the app verifies its tokens. */
export async function checkPublishedKeys(
  { ask }: Services,
  url: string,
  where: string,
): Promise<Outcome> {
  const { status, body } = await ask(url)
  if (status !== 200) return problem(`${url} answers status ${status}.`, where)
  const parsed = keySetSchema.safeParse(body)
  if (!parsed.success) return problem(`${url} does not answer with a set of keys.`, where)
  const signing = parsed.data.keys.filter(({ kty, use }) => kty === 'RSA' && use !== 'enc')
  if (signing.length === 0) return problem('The issuer publishes no RSA key for signatures.', where)
  if (signing.some(({ kid }) => !kid)) return problem('A published key has no id (kid).', where)
  const bits = Math.min(...signing.map(({ n }) => Buffer.from(n, 'base64url').length * 8))
  if (bits < minimumRsaBits) {
    return problem(`A key has ${bits} bits. The app refuses keys below ${minimumRsaBits}.`, where)
  }
  return ok(`${signing.length} RSA key(s) of at least ${bits} bits`)
}
