import type { User, UsersSearchRequest, UsersSearchResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalObject, optionalText, type Sent } from '../request-fields.ts'

type Filter = (user: User) => boolean

/** By `filter_name`. Filters for second factors are not played. */
const filters: Record<string, (filterValue: unknown) => Filter> = {
  created_at_greater_than: (value) => {
    const after = text(value)
    return ({ created_at = '' }) => created_at > after
  },
  created_at_less_than: (value) => {
    const before = text(value)
    return ({ created_at = '' }) => created_at < before
  },
  created_at_between: (value) => {
    if (typeof value !== 'object' || value === null)
      throw new ApiError('user_search_expected_object')
    const range = value as { greater_than?: unknown; less_than?: unknown }
    const [after, before] = [text(range.greater_than), text(range.less_than)]
    return ({ created_at = '' }) => created_at > after && created_at < before
  },
  status: (value) => {
    const status = text(value)
    return (user) => user.status === status
  },
  user_id: (value) => {
    const ids = texts(value)
    const internal = ids.filter((id) => /^user-(test|live)-/.test(id))
    if (internal.length > 0 && internal.length < ids.length) {
      throw new ApiError('user_search_cannot_mix_internal_and_external_user_ids')
    }
    return ({ user_id, external_id }) =>
      ids.includes(user_id) || (external_id !== undefined && ids.includes(external_id))
  },
  full_name_fuzzy: (value) => {
    const part = text(value).toLowerCase()
    return ({ name }) =>
      [name?.first_name, name?.middle_name, name?.last_name]
        .filter(Boolean)
        .join(' ')
        .toLowerCase()
        .includes(part)
  },
  phone_number: (value) => {
    const numbers = texts(value)
    return (user) => user.phone_numbers.some(({ phone_number }) => numbers.includes(phone_number))
  },
  phone_id: (value) => {
    const ids = texts(value)
    return (user) => user.phone_numbers.some(({ phone_id }) => ids.includes(phone_id))
  },
  phone_verified: (value) => {
    const wanted = flag(value)
    return (user) => user.phone_numbers.some(({ verified }) => verified === wanted)
  },
  phone_number_fuzzy: (value) => {
    const part = text(value)
    return (user) => user.phone_numbers.some(({ phone_number }) => phone_number.includes(part))
  },
  email_address: (value) => {
    const addresses = texts(value).map((address) => address.toLowerCase())
    return (user) => user.emails.some(({ email }) => addresses.includes(email))
  },
  email_id: (value) => {
    const ids = texts(value)
    return (user) => user.emails.some(({ email_id }) => ids.includes(email_id))
  },
  email_verified: (value) => {
    const wanted = flag(value)
    return (user) => user.emails.some(({ verified }) => verified === wanted)
  },
  email_address_fuzzy: (value) => {
    const part = text(value).toLowerCase()
    return (user) => user.emails.some(({ email }) => email.includes(part))
  },
  password_exists: (value) => {
    const wanted = flag(value)
    return ({ password }) => (password !== undefined) === wanted
  },
}

/** Newest users first. The cursor is the position of the next page. */
export function searchUsers(
  project: Project,
  sent: Sent<UsersSearchRequest>,
): Answer<UsersSearchResponse> {
  const limit = sent.limit ?? 100
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new ApiError('user_search_invalid_limit')
  }
  const start = Number(optionalText(sent.cursor, 'cursor') ?? 0)
  if (!Number.isInteger(start) || start < 0) throw new ApiError('user_search_invalid_cursor')

  const matches = readQuery(optionalObject(sent.query, 'query'))
  const found = [...project.consumer.users.values()].map(({ user }) => user).filter(matches)
  found.reverse()
  const end = start + limit
  const next = end < found.length ? { next_cursor: String(end) } : {}
  return {
    results: found.slice(start, end),
    results_metadata: { total: found.length, ...next },
  }
}

/** Without a query, or with a query without operands, every user matches. The operator is required. */
function readQuery(query: Record<string, unknown> | undefined): Filter {
  if (!query) return () => true
  const { operator, operands = [] } = query
  if (operator !== 'AND' && operator !== 'OR') throw new ApiError('user_search_invalid_operator')
  if (!Array.isArray(operands)) throw new ApiError('bad_request', '"operands" must be a list.')
  const tests = operands.map(readOperand)
  if (tests.length === 0) return () => true
  return operator === 'OR'
    ? (user) => tests.some((test) => test(user))
    : (user) => tests.every((test) => test(user))
}

function readOperand(operand: unknown): Filter {
  const { filter_name, filter_value } = optionalObject(operand, 'operands') ?? {}
  if (filter_name === undefined) throw new ApiError('user_search_missing_filter_name')
  const name = String(filter_name)
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined
  if (!filter) throw new ApiError('user_search_filter_name_not_recognized')
  return filter(filter_value)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ApiError('user_search_expected_string')
}

function texts(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new ApiError('user_search_expected_array_of_string')
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ApiError('user_search_expected_bool')
}
