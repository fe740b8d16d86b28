import type { KoaContextWithOIDC, Provider } from 'oidc-provider'

/** A Koa middleware that runs before oidc-provider's own routes. */
export type Middleware = Parameters<Provider['use']>[0]

export type Context = Parameters<Middleware>[0] | KoaContextWithOIDC
