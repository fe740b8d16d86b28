import type { Management } from 'auth0'
import type { User } from '../users.ts'
import { badRequest } from './errors.ts'
import { toResponse } from './users.ts'

/** Documented by Auth0. A client that needs more must narrow the query, or export all users. */
const maximumResults = 1_000

/**
 * The part of Auth0's user search (`search_engine=v3`) that the app asks: a flag, a list of ids, and a range of the
 * time of the last change, joined by AND. https://auth0.com/docs/manage-users/user-search/user-search-query-syntax
 */
export function searchUsers(users: User[], query: URLSearchParams) {
  const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback)
  const [page, size] = [number('page', 0), number('per_page', 50)]
  if (query.get('search_engine') !== 'v3' || !(size >= 1 && size <= 100) || !(page >= 0)) {
    throw badRequest('Query validation error', 'invalid_query_string')
  }
  if ((page + 1) * size > maximumResults) {
    const message =
      'You can only page through the first 1000 records. See https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation'
    throw badRequest(message, 'invalid_paging')
  }
  const wanted = (query.get('q') ?? '').split(' AND ').filter(Boolean).map(conditionOf)
  const all = users
    .filter((user) => wanted.every((condition) => condition(user)))
    .sort(orderOf(query.get('sort')))
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

/** `field:1` is ascending, and `field:-1` is descending. */
function orderOf(sort: string | null): (one: User, other: User) => number {
  if (sort === null) return () => 0
  const [, field, direction] = /^(created_at|updated_at|email|user_id):(-?1)$/.exec(sort) ?? []
  if (!field) throw badRequest('Query validation error', 'invalid_query_string')
  const key = field as 'created_at' | 'updated_at' | 'email' | 'user_id'
  return (one, other) => {
    const [a, b] = [one[key], other[key]]
    return a === b ? 0 : (a < b ? -1 : 1) * Number(direction)
  }
}

function conditionOf(text: string): (user: User) => boolean {
  const [, blocked] = /^blocked:(true|false)$/.exec(text) ?? []
  if (blocked) return (user) => String(user.blocked) === blocked
  const [, open, from = '*', to = '*', close] =
    /^updated_at:([[{])(\S+) TO (\S+)([\]}])$/.exec(text) ?? []
  if (open) {
    const start = from === '*' ? null : Date.parse(from)
    const end = to === '*' ? null : Date.parse(to)
    return ({ updated_at }) => {
      const at = Date.parse(updated_at)
      const isAfter = start === null || at > start || (at === start && open === '[')
      return isAfter && (end === null || at < end || (at === end && close === ']'))
    }
  }
  const [, ids] = /^user_id:\((.+)\)$/.exec(text) ?? []
  if (ids) {
    const wanted = new Set(ids.split(' OR ').map((id) => JSON.parse(id)))
    return (user) => wanted.has(user.user_id)
  }
  throw badRequest(`The stand-in does not search for ${text}`, 'invalid_query_string')
}
