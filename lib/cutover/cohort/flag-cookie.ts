import QuickLRU from 'quick-lru'
import { z } from 'zod'
import { config } from '../../config'
import { seal, unseal } from '../../seal'
import { type Credentials, maximumCandidates, valuesOf } from '../../token/credentials'
import type { Flow } from '../policy/document'
import type { Visitor } from './rules'

/** Sealed cookie with the login flow of this device. The client can neither read nor change it. */
export const flagCookieName = 'auth_flow'
const flagCookieSeconds = 365 * 24 * 60 * 60

const flow = z.enum(['stytch', 'legacy'])
const flagSchema = z.object({
  visitorId: z.uuid(),
  flow,
  pin: flow.nullable().default(null),
  organization: z.string().nullable().default(null),
  isNewSignUp: z.boolean().default(false),
  keptOnLegacy: z.object({ user: z.string(), since: z.number() }).nullable().default(null),
})

export type Flag = {
  visitorId: string
  flow: Flow
  /** See {@link Visitor.pin}. */
  pin: Flow | null
  /** Stored in the cookie, so that a user who signed out is shown the login of their team. */
  organization: string | null
  /** Whether the last user of this device signed up at Stytch. */
  isNewSignUp: boolean
  /**
   * A user who could not sign in at Stytch, because their second factor is at the legacy provider. Their legacy sessions
   * since then, in seconds since 1970, are accepted under every policy. `user` is their {@link visitorIdOf}.
   */
  keptOnLegacy: { user: string; since: number } | null
}

/** A flag from a cookie. `isOutdated` when an older secret sealed it, so that the cookie must be set again. */
export type OpenedFlag = Flag & { isOutdated?: true }

/** The visitor id of a signed-in user who has no flag cookie: a UUID (version 8) derived from the subject. */
export async function visitorIdOf(subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subject))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')
}

/** Cache of opened cookies. Opening a seal is slow, and a browser sends the same cookie with every request. */
const openedFlags = new QuickLRU<string, OpenedFlag>({ maxSize: 5_000, maxAge: 600_000 })

/** Reads the flag cookie. Returns null for a new visitor and for a cookie that this app did not seal. */
export async function openFlag(sealed: string | undefined): Promise<OpenedFlag | null> {
  // iron-session ignores text after the version suffix. A client could fill the cache with variants of one seal.
  if (!sealed || sealed.length > 2_048 || !/^[^~]+~2$/.test(sealed)) return null
  const known = openedFlags.get(sealed)
  if (known) return known
  const opened = await unseal(sealed, flagCookieSeconds)
  const content = flagSchema.safeParse(opened?.data).data
  if (!content) return null
  const flag: OpenedFlag = opened?.isNewest ? content : { ...content, isOutdated: true }
  // Only valid cookies are cached, so that forged ones cannot evict them.
  openedFlags.set(sealed, flag)
  return flag
}

/**
 * The flag of a request. A site on a sibling subdomain can plant further cookies of this name, which this app did not
 * seal. The first cookie that it did seal counts: browsers send that of the longest path first, and then the oldest.
 */
export async function flagOf(
  credentials: Credentials,
  name = flagCookieName,
): Promise<OpenedFlag | null> {
  for (const sealed of valuesOf(credentials, name).slice(0, maximumCandidates)) {
    const flag = await openFlag(sealed)
    if (flag) return flag
  }
  return null
}

/** Seals a flag into a cookie for `cookies.set`. */
export async function flagCookie(flag: Flag, name = flagCookieName) {
  return {
    name,
    value: await seal(flag, flagCookieSeconds),
    httpOnly: true,
    secure: config().secureCookies,
    sameSite: 'lax' as const,
    path: '/',
    maxAge: flagCookieSeconds,
  }
}
