import 'server-only'
import { timingSafeEqual } from 'node:crypto'

/** Compares in constant time, to prevent timing attacks. */
export function isSameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}
