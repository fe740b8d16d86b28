import type { User, UsersSearchRequest, UsersSearchResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalObject, optionalText, type Sent } from '../request-fields.ts'

type Test = (user: User) => boolean

/** The filters that the stand-in knows: those that need no second factor or phone. */
const filters: Record<string, (value: unknown) => Test> = {
  created_at_greater_than: (value) => (user) => (user.created_at ?? '') > text(value),
  created_at_less_than: (value) => (user) => (user.created_at ?? '') < text(value),
  created_at_between: (value) => {
    const range = optionalObject(value, 'filter_value') ?? {}
    const [after, before] = [text(range.greater_than), text(range.less_than)]
    return ({ created_at = '' }) => created_at > after && created_at < before
  },
  status: (value) => (user) => user.status === text(value),
  user_id: (value) => {
    const ids = texts(value)
    const internal = ids.filter((id) => /^user-(test|live)-/.test(id))
    if (internal.length > 0 && internal.length < ids.length) {
      throw new ApiError('user_search_cannot_mix_internal_and_external_user_ids')
    }
    return (user) => ids.includes(user.user_id) || ids.includes(user.external_id ?? '\0')
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
  email_address: (value) => {
    const addresses = texts(value).map((address) => address.toLowerCase())
    return (user) => user.emails.some(({ email }) => addresses.includes(email))
  },
  email_id: (value) => {
    const ids = texts(value)
    return (user) => user.emails.some(({ email_id }) => ids.includes(email_id))
  },
  email_verified: (value) => (user) => user.emails.some(({ verified }) => verified === flag(value)),
  email_address_fuzzy: (value) => {
    const part = text(value).toLowerCase()
    return (user) => user.emails.some(({ email }) => email.includes(part))
  },
  password_exists: (value) => (user) => (user.password !== undefined) === flag(value),
}

/** Newest first; the cursor is the position to go on from. */
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

  const matches = queryTest(optionalObject(sent.query, 'query'))
  const found = [...project.consumer.users.values()].map(({ user }) => user).filter(matches)
  found.reverse()
  const end = start + limit
  const next = end < found.length ? { next_cursor: String(end) } : {}
  return {
    results: found.slice(start, end),
    results_metadata: { total: found.length, ...next },
  }
}

function queryTest(query: Record<string, unknown> | undefined): Test {
  const operands = Array.isArray(query?.operands) ? query.operands : []
  if (!query || operands.length === 0) return () => true
  const tests = operands.map((operand) => {
    const { filter_name, filter_value } = optionalObject(operand, 'operands') ?? {}
    const name = text(filter_name)
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined
    if (!filter) throw new ApiError('user_search_filter_name_not_recognized')
    return filter(filter_value)
  })
  if (query.operator === 'OR') return (user) => tests.some((test) => test(user))
  if (query.operator === 'AND') return (user) => tests.every((test) => test(user))
  throw new ApiError('user_search_invalid_operator')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ApiError('bad_request', 'filter_value must be a string.')
}

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(text)
  throw new ApiError('bad_request', 'filter_value must be a list of strings.')
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ApiError('bad_request', 'filter_value must be a boolean.')
}
