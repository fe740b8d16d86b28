import type { B2BOrganizationsResultsMetadata } from 'stytch'
import { ApiError } from '../errors.ts'
import { optionalObject, optionalText } from '../request-fields.ts'

export type Filter<T> = (item: T) => boolean

/** The filters of a search by `filter_name`. The name goes into the error of a value that is too short. */
export type Filters<T> = Record<string, (value: unknown) => Filter<T>>

/** Which search it is, as its error types begin. */
type Subject = 'member' | 'organization'

type SearchRequest = { cursor?: unknown; limit?: unknown; query?: unknown }

/** The cursor is the position of the next page. */
export function searchPage<T>(
  subject: Subject,
  items: T[],
  filters: Filters<T>,
  sent: SearchRequest,
): { found: T[]; results_metadata: B2BOrganizationsResultsMetadata } {
  const limit = sent.limit ?? 100
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new ApiError('bad_request', 'The limit must be from 1 to 1000.')
  }
  const start = Number(optionalText(sent.cursor, 'cursor') ?? 0)
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError('bad_request', 'The cursor is not valid.')
  }
  const matching = items.filter(readQuery(subject, filters, optionalObject(sent.query, 'query')))
  const end = start + limit
  const next = end < matching.length ? { next_cursor: String(end) } : {}
  return {
    found: matching.slice(start, end),
    results_metadata: { total: matching.length, ...next },
  }
}

/** The names of the filters in a query. */
export function filterNames(sent: SearchRequest): string[] {
  const { operands } = optionalObject(sent.query, 'query') ?? {}
  return Array.isArray(operands) ? operands.map((operand) => String(operand?.filter_name)) : []
}

function readQuery<T>(
  subject: Subject,
  filters: Filters<T>,
  query: Record<string, unknown> | undefined,
): Filter<T> {
  if (!query) return () => true
  const { operator, operands = [] } = query
  if (operator !== 'AND' && operator !== 'OR') {
    throw new ApiError('bad_request', 'The operator must be AND or OR.')
  }
  if (!Array.isArray(operands)) throw new ApiError('bad_request', '"operands" must be a list.')
  const tests = operands.map((operand) => readOperand(subject, filters, operand))
  if (tests.length === 0) return () => true
  return operator === 'OR'
    ? (item) => tests.some((test) => test(item))
    : (item) => tests.every((test) => test(item))
}

function readOperand<T>(subject: Subject, filters: Filters<T>, operand: unknown): Filter<T> {
  const { filter_name, filter_value } = optionalObject(operand, 'operands') ?? {}
  if (filter_name === undefined) throw new ApiError(`${subject}_search_missing_filter_name`)
  if (filter_value === undefined) throw new ApiError(`${subject}_search_missing_filter_value`)
  const name = String(filter_name)
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined
  if (!filter) throw new ApiError(`${subject}_search_filter_name_not_recognized`)
  return filter(filter_value)
}

/** The readers of a `filter_value`. */
export const filterValues = (subject: Subject) => ({
  texts(value: unknown): string[] {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw new ApiError(`${subject}_search_expected_array_of_strings`)
  },
  addresses(value: unknown): string[] {
    return this.texts(value).map((address) => address.toLowerCase())
  },
  flag(value: unknown): boolean {
    if (typeof value === 'boolean') return value
    throw new ApiError(`${subject}_search_expected_boolean`)
  },
  /** A fuzzy filter needs three characters. */
  part(value: unknown): string {
    if (typeof value !== 'string') throw new ApiError(`${subject}_search_expected_string`)
    if (value.length < 3) {
      throw new ApiError('bad_request', 'A fuzzy filter needs at least three characters.')
    }
    return value.toLowerCase()
  },
})
