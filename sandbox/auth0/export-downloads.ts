import type { Middleware } from './context.ts'
import type { Tenant } from './tenant.ts'

/**
 * The file of a completed export. At Auth0 it lies at a storage provider, so the link needs no token of the
 * Management API. The bytes are packed, and no header says so.
 */
export function exportDownloads(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    const [, id] = /^\/exports\/(job_\w+)\/cutover\.json\.gz$/.exec(ctx.path) ?? []
    if (!id || ctx.method !== 'GET') return next()
    const token = new URLSearchParams(ctx.search).get('token') ?? ''
    const file = tenant.exportJobs.download(id, token)
    ctx.status = file ? 200 : 403
    ctx.type = file ? 'application/octet-stream' : 'application/xml'
    ctx.body = file ?? '<Error><Code>AccessDenied</Code></Error>'
  }
}
