import { emailPattern } from '../stand-in/email-address.ts'
import { ApiError } from './errors.ts'

/** The request of type T as a client sent it: the values can have any type. */
export type Sent<T> = { [Field in keyof T]?: unknown }

/** The response of a handler. The API adds the two fields that every response has. */
export type Answer<T> = Omit<T, 'request_id' | 'status_code'>

export function requiredText(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ApiError('bad_request', `"${field}" must be a non-empty string.`)
}

export function optionalText(value: unknown, field: string): string | undefined {
  return value === undefined || value === null || value === ''
    ? undefined
    : requiredText(value, field)
}

export function optionalObject(value: unknown, field: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new ApiError('bad_request', `"${field}" must be an object.`)
}

/** The address in lower case, because addresses that differ only in case belong to one user. */
export function emailAddress(value: unknown): string {
  if (typeof value !== 'string' || !emailPattern.test(value)) throw new ApiError('invalid_email')
  return value.toLowerCase()
}

/** A whole number of minutes within the limits. Without a value, the fallback. */
export function minutes<Fallback extends number | undefined>(
  value: unknown,
  limits: {
    min: number
    max: number
    fallback: Fallback
    error: 'invalid_expiration' | 'invalid_expiration_otp' | 'invalid_session_duration_minutes'
  },
): number | Fallback {
  if (value === undefined || value === null) return limits.fallback
  const inside =
    Number.isInteger(value) && Number(value) >= limits.min && Number(value) <= limits.max
  if (!inside) throw new ApiError(limits.error)
  return Number(value)
}

/** Merges metadata and custom claims as Stytch does. Null deletes a key. */
export function mergeDeleting(
  target: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  const merged = new Map(Object.entries(target))
  for (const [key, value] of Object.entries(changes)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isPlainObject(before) && isPlainObject(value)) {
      merged.set(key, mergeDeleting(before, value))
    } else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
