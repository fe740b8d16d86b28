import 'server-only'
import { timingSafeEqual } from 'node:crypto'

/** Compares in constant time. A comparison that stops early would tell an attacker how much of a guess is right. */
export function isSameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}
