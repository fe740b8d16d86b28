import type { Management } from 'auth0'
import type { User } from '../users.ts'
import { badRequest } from './errors.ts'
import { toResponse } from './users.ts'

/**
 * The part of Auth0's user search (`search_engine=v3`) that the app asks: a flag, a list of ids, and a start of the
 * time of the last change, joined by AND. https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
 */
export function searchUsers(users: User[], query: URLSearchParams) {
  const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback)
  const [page, size] = [number('page', 0), number('per_page', 50)]
  if (query.get('search_engine') !== 'v3' || !(size >= 1 && size <= 100) || !(page >= 0)) {
    throw badRequest('Query validation error', 'invalid_query_string')
  }
  const wanted = (query.get('q') ?? '').split(' AND ').filter(Boolean).map(conditionOf)
  const all = users.filter((user) => wanted.every((condition) => condition(user)))
  const found = all.slice(page * size, (page + 1) * size).map(toResponse)
  if (query.get('include_totals') !== 'true') return found satisfies Management.UserResponseSchema[]
  return {
    start: page * size,
    limit: size,
    length: found.length,
    total: all.length,
    users: found,
  } satisfies Management.ListUsersOffsetPaginatedResponseContent
}

function conditionOf(text: string): (user: User) => boolean {
  const [, blocked] = /^blocked:(true|false)$/.exec(text) ?? []
  if (blocked) return (user) => String(user.blocked) === blocked
  const [, since] = /^updated_at:\[(\S+) TO \*\]$/.exec(text) ?? []
  if (since) return (user) => Date.parse(user.updated_at) >= Date.parse(since)
  const [, ids] = /^user_id:\((.+)\)$/.exec(text) ?? []
  if (ids) {
    const wanted = new Set(ids.split(' OR ').map((id) => JSON.parse(id)))
    return (user) => wanted.has(user.user_id)
  }
  throw badRequest(`The stand-in does not search for ${text}`, 'invalid_query_string')
}
