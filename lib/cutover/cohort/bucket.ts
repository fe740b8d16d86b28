import QuickLRU from 'quick-lru'

/**
 * The bucket, 0 to 9999, of a visitor (or of an organization: a team must not see two logins).
 * Raising the percentage only adds buckets, so it never moves anyone back. The salt makes the
 * share of this rollout independent of every other one that hashes the same ids.
 */
export async function bucketOf(salt: string, id: string): Promise<number> {
  const salted = `${salt}:${id}`
  const known = buckets.get(salted)
  if (known !== undefined) return known
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(salted))
  // 48 bits modulo 10,000 is even to one part in 10^10.
  const view = new DataView(digest)
  const bucket = (view.getUint32(0) * 0x1_0000 + view.getUint16(4)) % 10_000
  buckets.set(salted, bucket)
  return bucket
}

/** A bucket never changes, and Web Crypto hands each digest to another thread. */
const buckets = new QuickLRU<string, number>({ maxSize: 5_000 })
