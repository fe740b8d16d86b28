import { sealData, unsealData } from 'iron-session'
import { config } from './config'

/**
 * Seals data with the first secret of `COOKIE_SECRET`.
 *
 * Every seal has the id 1, which iron-session writes for a single secret. So an instance with one secret opens the
 * seals of an instance with a list, and the order of a list may change (docs/rotate-secrets.md).
 * @param ttl in seconds; 0 means that the seal does not expire
 */
export const seal = (data: object, ttl: number): Promise<string> =>
  sealData(data, { password: config().cookieSecrets[0], ttl })

export type Opened<T> = {
  data: Partial<T>
  /** False when an older secret sealed it, which will leave the list one day. */
  isNewest: boolean
}

/** Opens a seal with whichever secret of the list sealed it. Never throws. @returns null if none of them did */
export async function unseal<T extends object>(
  sealed: string,
  ttl: number,
): Promise<Opened<T> | null> {
  for (const [index, password] of config().cookieSecrets.entries()) {
    const data = await unsealData<T>(sealed, { password, ttl }).catch(() => ({}) as Partial<T>)
    // iron-session returns {} for a seal that it cannot open. Nothing here seals {}.
    if (Object.keys(data).length > 0) return { data, isNewest: index === 0 }
  }
  return null
}
