import { timingSafeEqual } from 'node:crypto'
import { ApiError, type ErrorType } from '../errors.ts'

/** A number of the request's `…_config`. */
export function wholeNumber(
  value: unknown,
  { min, max, error }: { min: number; max: number; error: ErrorType },
): number {
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value)
  throw new ApiError(error)
}

/** Base64 with or without padding, as in the PHC string format. Node alone would skip foreign characters. */
export function base64Bytes(value: unknown, error: ErrorType): Buffer {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) throw new ApiError(error)
  return Buffer.from(value, 'base64')
}

export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)
