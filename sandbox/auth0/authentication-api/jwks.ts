import { createSigningKey, toJwk } from '../../stand-in/signing-key.ts'
import type { Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'

/** Longer than any deadline that an app should have. */
const slowResponseMs = 30_000

/** `/.well-known/jwks.json`, which a test can make fail. */
export function jwks(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/.well-known/jwks.json' || ctx.method !== 'GET') return next()
    if (tenant.jwksMode === 'slow') await tenant.delays.wait(slowResponseMs)
    if (tenant.jwksMode === 'error') {
      ctx.status = 503
      ctx.body = { statusCode: 503, error: 'Service Unavailable', message: 'Service Unavailable' }
      return
    }
    ctx.set('cache-control', 'public, max-age=15, stale-while-revalidate=15')
    ctx.body = { keys: await publishedKeys(tenant) }
  }
}

async function publishedKeys({ jwksMode, keys }: Tenant) {
  if (jwksMode === 'empty') return []
  const key = jwksMode === 'weak' ? await createSigningKey(keys.own.kid, 1024) : keys.own
  return [toJwk(key, 'publicKey')]
}
