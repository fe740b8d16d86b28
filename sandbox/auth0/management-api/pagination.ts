import { badRequest } from './errors.ts'

const wrongQuery = () => badRequest('Query validation error', 'invalid_query_string')

/**
 * One page of a list, in Auth0's two kinds of pagination. With `from` or `take`, the answer names the `next` page. With
 * `page` and `per_page`, it has totals if the request asks for them.
 */
export function pageOf<T>(query: URLSearchParams, name: string, all: T[]): object {
  const number = (parameter: string, fallback: number) => Number(query.get(parameter) ?? fallback)
  if (query.has('take') || query.has('from')) {
    const [start, size] = [number('from', 0), number('take', 50)]
    if (!isPage(start, size)) throw wrongQuery()
    const end = start + size
    return { [name]: all.slice(start, end), ...(end < all.length && { next: String(end) }) }
  }
  const [page, size] = [number('page', 0), number('per_page', 50)]
  if (!isPage(page, size)) throw wrongQuery()
  const found = all.slice(page * size, (page + 1) * size)
  if (query.get('include_totals') !== 'true') return found
  return { start: page * size, limit: size, total: all.length, [name]: found }
}

const isPage = (start: number, size: number): boolean =>
  Number.isInteger(start) && start >= 0 && Number.isInteger(size) && size >= 1 && size <= 100
