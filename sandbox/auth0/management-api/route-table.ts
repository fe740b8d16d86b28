import type { Context } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { decode, requireScope } from './request.ts'

export type Call = { tenant: Tenant; ctx: Context; query: URLSearchParams; ids: string[] }

export type Route = {
  /** With `:id` for each id. */
  route: string
  scope: string
  status?: number
  /** Null is an answer without a body. */
  answer(call: Call): object | null | Promise<object | null>
}

/** @returns false when the request is for another resource */
export async function answerRoutes(
  routes: readonly Route[],
  tenant: Tenant,
  ctx: Context,
): Promise<boolean> {
  const parts = ctx.path.slice('/api/v2/'.length).split('/')
  for (const { route, scope, status, answer } of routes) {
    const [method, path = ''] = route.split(' ')
    const ids = method === ctx.method ? idsOf(path.split('/'), parts) : null
    if (!ids) continue
    await requireScope(tenant, ctx, scope)
    const query = new URLSearchParams(ctx.search)
    const body = await answer({ tenant, ctx, query, ids: ids.map(decode) })
    ctx.status = body ? (status ?? 200) : 204
    if (body) ctx.body = body
    return true
  }
  return false
}

/** The ids in a path. Null when the path is not that of the route. */
function idsOf(route: string[], parts: string[]): string[] | null {
  const isSame =
    route.length === parts.length &&
    route.every((part, index) => (part === ':id' ? parts[index] !== '' : part === parts[index]))
  return isSame ? parts.filter((_, index) => route[index] === ':id') : null
}
