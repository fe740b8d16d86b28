import QuickLRU from 'quick-lru'

/** The salt of this rollout. Two rollouts with the same salt would always pick the same visitors first. */
export const rolloutSalt = 'cutover-1'

/**
 * The bucket, 0 to 9999, of a visitor. Members of an organization share its bucket, so that one team never sees
 * two logins. A higher percentage only adds buckets, so it never moves anyone back. The salt makes this rollout
 * independent of other rollouts that hash the same ids.
 */
export async function bucketOf(salt: string, id: string): Promise<number> {
  const salted = `${salt}:${id}`
  const known = buckets.get(salted)
  if (known !== undefined) return known
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(salted))
  // The remainder of 48 bits favours no bucket by more than one part in 10^10.
  const view = new DataView(digest)
  const bucket = (view.getUint32(0) * 0x1_0000 + view.getUint16(4)) % 10_000
  buckets.set(salted, bucket)
  return bucket
}

/** Cache of buckets. A bucket never changes, and Web Crypto computes each digest on another thread. */
const buckets = new QuickLRU<string, number>({ maxSize: 5_000 })
