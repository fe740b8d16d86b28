import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { toJwk } from '../../stand-in/signing-key.ts'
import type { Context } from '../context.ts'
import type { Tenant } from '../tenant.ts'

export function bearerToken(ctx: Context): string | null {
  return /^Bearer ([^\s,]+)$/i.exec(ctx.get('authorization'))?.[1] ?? null
}

/** The claims of a JWT that this tenant has issued for the audience, or null. */
export async function verifyToken(
  tenant: Tenant,
  token: string,
  audience: string,
): Promise<JWTPayload | null> {
  const keys = createLocalJWKSet({ keys: [toJwk(tenant.keys.own, 'publicKey') as never] })
  const currentDate = new Date(tenant.clock.now())
  const checks = { issuer: tenant.issuer, audience, algorithms: ['RS256'], currentDate }
  try {
    return (await jwtVerify(token, keys, checks)).payload
  } catch {
    return null
  }
}
